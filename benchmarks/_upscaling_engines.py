"""Engines that evaluate one forest over rows: ours, scikit-learn, onnxruntime, and R's ranger."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from _ranger_rows import Rows

from abz.modelling import FluxForest
from abz.upscaling.reference import as_scikit_learn

Engine = Callable[[np.ndarray, int], np.ndarray]
"""From encoded rows (n, p) and a number of threads to predictions (n,)."""
HERE = Path(__file__).resolve().parent


def ours(forest: FluxForest) -> Engine:
    """Our engine, the ordering of the rows included, although in a map 63 forests share it."""

    def predict(rows: np.ndarray, threads: int) -> np.ndarray:
        order = forest.order(rows)
        answer = np.empty(len(rows))
        answer[order] = forest.predict_encoded(rows[order], workers=threads, alike=True)
        return answer

    return predict


def scikit_learn(forest: FluxForest) -> Engine:
    """The very same trees behind scikit-learn's forest."""
    regressor = as_scikit_learn(forest)

    def predict(rows: np.ndarray, threads: int) -> np.ndarray:
        regressor.n_jobs = threads
        return np.asarray(regressor.predict(rows))

    return predict


def onnx_model(forest: FluxForest) -> bytes:
    """The very same trees as an ONNX model; thresholds and leaves in single precision."""
    from onnx import TensorProto, helper

    inner = forest.feature >= 0
    size = np.diff(forest.root)
    tree = np.repeat(np.arange(forest.trees), size)
    first = np.repeat(forest.root[:-1], size)
    node = np.arange(forest.feature.size) - first
    leaves = np.flatnonzero(~inner)
    attributes = {
        "nodes_treeids": tree,
        "nodes_nodeids": node,
        "nodes_featureids": np.where(inner, forest.feature, 0),
        "nodes_truenodeids": np.where(inner, node + 1, 0),
        "nodes_falsenodeids": np.where(inner, forest.child - first, 0),
        "target_treeids": tree[leaves],
        "target_nodeids": node[leaves],
        "target_ids": np.zeros(leaves.size, int),
    }
    ensemble = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["flux"], domain="ai.onnx.ml",
        nodes_modes=np.where(inner, "BRANCH_LEQ", "LEAF").tolist(),
        nodes_values=np.where(inner, forest.threshold, 0).astype(float).tolist(),
        target_weights=(forest.leaf[forest.child[leaves]] / forest.trees).tolist(),
        n_targets=1, aggregate_function="SUM", post_transform="NONE",
        **{name: values.tolist() for name, values in attributes.items()},
    )  # fmt: skip
    p = len(forest.predictors)
    graph = helper.make_graph(
        [ensemble], "forest",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, p])],
        [helper.make_tensor_value_info("flux", TensorProto.FLOAT, [None, 1])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return bytes(model.SerializeToString())


def onnxruntime(forest: FluxForest) -> Engine | None:
    """The trees behind onnxruntime; None where it is not installed."""
    if find_spec("onnx") is None or find_spec("onnxruntime") is None:
        return None
    import onnxruntime as ort

    model, sessions = onnx_model(forest), {}
    for threads in (1, 2):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # threads that wait without work would count as work
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        sessions[threads] = ort.InferenceSession(model, options, ["CPUExecutionProvider"])

    def predict(rows: np.ndarray, threads: int) -> np.ndarray:
        return np.asarray(sessions[threads].run(None, {"rows": rows})[0][:, 0])

    return predict


def ranger_rate(
    rows: Rows, asked: np.ndarray, *, trees: int, mtry: int, threads: int
) -> float | None:
    """Rows per CPU second of R's ranger with trees of its own; None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with TemporaryDirectory() as folder:
        train, table = Path(folder) / "train.csv", Path(folder) / "rows.csv"
        names = [f"p{place}" for place in range(asked.shape[1])]
        pd.DataFrame(rows.X, columns=names).assign(y=rows.y).to_csv(train, index=False)
        pd.DataFrame(asked, columns=names).to_csv(table, index=False)
        words = [train, table, trees, mtry, threads]
        command = ["Rscript", str(HERE / "_ranger_predict.R"), *map(str, words)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        return None
    return len(asked) / float(answer.stdout.split()[-1])
