"""The carbon cycle of the synthetic Arctic: what the forests of the study have to learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.units import CELSIUS_ZERO
from abz.world.climate import Weather
from abz.world.fields import sigmoid
from abz.world.surface import TREELINE, Ground

__all__ = ["PARAMETERS", "CarbonParameters", "Fluxes", "carbon_fluxes", "greenness"]

JOULE_PER_DAY = 86400.0


@dataclass(frozen=True)
class CarbonParameters:
    """Constants of the carbon cycle; they are part of the truth.

    Parameters
    ----------
    light_use : float
        Light-use efficiency, g C MJ-1 of absorbed photosynthetically active radiation.
    co2_gain : float
        Relative rise of GPP with a doubling of CO2 (logarithmic).
    plant_share : float
        Share of GPP that plants respire at once.
    soil_rate : float
        Soil respiration at 10 °C where SOC is 40 kg m-2, g C m-2 d-1.
    tundra_rate : float
        The same in the tundra.
    q10 : float
        Rise of soil respiration over 10 K.
    soc_power : float
        Power of SOC in soil respiration.
    fire_gpp, fire_reco : float
        Share of the flux lost right after a stand-replacing fire, besides that of NDVI.
    greening : float
        Rise of peak NDVI, yr-1.
    """

    light_use: float = 1.22
    co2_gain: float = 0.12
    plant_share: float = 0.5
    soil_rate: float = 1.33
    tundra_rate: float = 1.17
    q10: float = 2.4
    soc_power: float = 0.25
    fire_gpp: float = 0.45
    fire_reco: float = 0.3
    greening: float = 0.0005


PARAMETERS = CarbonParameters()


@dataclass(frozen=True)
class Fluxes:
    """Fluxes of a month at n points, g C m-2 month-1; NEE = Reco − GPP, below zero is uptake."""

    nee: np.ndarray
    gpp: np.ndarray
    reco: np.ndarray


def greenness(
    ground: Ground, weather: Weather, tree: np.ndarray, mark: np.ndarray, *,
    anomaly: np.ndarray, year: int, parameters: CarbonParameters = PARAMETERS,
) -> np.ndarray:  # fmt: skip
    """NDVI (n,).

    Parameters
    ----------
    ground, weather : Ground, Weather (n,)
        The place and its weather at that time.
    tree : numpy.ndarray (n,)
        Tree cover, %.
    mark : numpy.ndarray (n,)
        Share of the ground still under the effect of fire, 0 to 1.
    anomaly : numpy.ndarray (n,)
        Standardised anomaly of warmth in the month.
    year : int
        Peak NDVI rises by `parameters.greening` a year.
    """
    celsius = weather.soil_temperature - CELSIUS_ZERO
    peak = 0.14 + 0.5 * sigmoid((ground.warmest - 6.0) / 2.4) + 0.0022 * tree
    peak += 0.02 * ground.stands + parameters.greening * (year - 2005) + 0.008 * anomaly
    evergreen = 0.05 + 0.002 * tree
    leaves = evergreen + (peak - evergreen) * sigmoid((celsius - 0.4 * ground.warmest) / 1.8)
    leaves *= 1.0 - 0.45 * mark
    return np.where(ground.ice, -0.02, leaves * (1.0 - 0.007 * weather.snow_cover))


def carbon_fluxes(
    ground: Ground, weather: Weather, ndvi: np.ndarray, mark: np.ndarray, *, co2: float, days: int,
    parameters: CarbonParameters = PARAMETERS,
) -> Fluxes:  # fmt: skip
    """GPP, Reco and NEE of a month.

    Parameters
    ----------
    ground, weather : Ground, Weather (n,)
        The place and its mean weather of the month.
    ndvi : numpy.ndarray (n,)
        Mean NDVI of the month.
    mark : numpy.ndarray (n,)
        Share of the ground still under the effect of fire, 0 to 1.
    co2 : float
        ppm.
    days : int
        Days in the month.

    Notes
    -----
    GPP = ε f(NDVI) PAR f(T) f(VPD) f(CO2); Reco = a GPP + R (SOC/40)^p Q10^((T_s − 10)/10) f(θ).
    """
    p = parameters
    air = weather.air_temperature - CELSIUS_ZERO
    absorbed = np.clip(1.25 * ndvi - 0.1, 0.0, 0.95) * 0.45 * weather.srad * JOULE_PER_DAY * 1e-6
    limits = sigmoid((air - 0.27 * ground.warmest) / 2.5) * np.exp(-0.4 * weather.vpd)
    gain = 1.0 + p.co2_gain * np.log2(co2 / 385.0)
    gpp = p.light_use * absorbed * limits * gain * days * (1.0 - p.fire_gpp * mark)

    soil = weather.soil_temperature - CELSIUS_ZERO
    moisture = np.exp(-(((weather.soil_moisture - 0.33) / 0.28) ** 2))
    tundra = sigmoid(-(ground.warmest - TREELINE) / 0.6)
    rate = p.soil_rate + (p.tundra_rate - p.soil_rate) * tundra
    vegetated = 1.0 - 0.75 * sigmoid(-(ground.warmest - 5.0) / 1.3)
    soils = rate * vegetated * (ground.soc / 40.0) ** p.soc_power * p.q10 ** ((soil - 10.0) / 10.0)
    reco = p.plant_share * gpp + soils * moisture * days * (1.0 - p.fire_reco * mark)
    gpp, reco = np.where(ground.ice, 0.0, gpp), np.where(ground.ice, 0.0, reco)
    return Fluxes(nee=reco - gpp, gpp=gpp, reco=reco)
