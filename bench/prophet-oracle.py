"""Fits the Python package `prophet` to the series that come as JSON on standard input, one answer a line; called by prophet-oracle.ts."""
import json
import logging
import sys
import time

import numpy as np
import pandas as pd
from prophet import Prophet

logging.disable(logging.CRITICAL)

# Stan stops where the posterior hardly rises any more; with these it goes on to the maximum.
TO_THE_END = {"tol_obj": 1e-14, "tol_rel_obj": 1e-3, "tol_grad": 1e-12, "tol_rel_grad": 1e-3, "tol_param": 1e-14, "history_size": 50, "iter": 100000}


def instants(seconds):
    return pd.to_datetime(np.asarray(seconds, dtype="int64"), unit="s")


def fit(case, **tolerances):
    history = pd.DataFrame({"ds": instants(case["at"]), "y": case["values"]})
    future = pd.DataFrame({"ds": instants(case["ahead"])})
    model = Prophet(uncertainty_samples=0)
    for name, columns in case["events"].items():
        model.add_regressor(name, standardize=False)
        history[name] = columns["past"]
        future[name] = columns["ahead"]
    started = time.perf_counter()
    model.fit(history, **tolerances)
    fitted = time.perf_counter()
    forecast = model.predict(future)["yhat"].to_numpy()
    return {
        "k": float(model.params["k"][0][0]),
        "m": float(model.params["m"][0][0]),
        "delta": model.params["delta"][0].tolist(),
        "beta": model.params["beta"][0].tolist(),
        "sigma": float(model.params["sigma_obs"][0][0]),
        "forecast": forecast.tolist(),
        "fitMs": 1000 * (fitted - started),
        "forecastMs": 1000 * (time.perf_counter() - fitted),
    }


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"usual": fit(case), "converged": fit(case, **TO_THE_END)}), flush=True)
