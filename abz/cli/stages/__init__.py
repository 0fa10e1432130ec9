"""Stages of a run: each opens its inputs, calls the rooms, writes its outputs."""
