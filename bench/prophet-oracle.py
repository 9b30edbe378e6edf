"""Fits the Python package `prophet` to the series that come as JSON on standard input, one answer a line; called by prophet-oracle.ts."""
import json
import logging
import sys
import time

import numpy as np
import pandas as pd
from prophet import Prophet

logging.disable(logging.CRITICAL)

def instants(seconds):
    return pd.to_datetime(np.asarray(seconds, dtype="int64"), unit="s")


def prepared(case):
    history = pd.DataFrame({"ds": instants(case["at"]), "y": case["values"]})
    model = Prophet(uncertainty_samples=0)
    for name, columns in case["events"].items():
        model.add_regressor(name, standardize=False)
        history[name] = columns["past"]
    return model, history


def fit(case):
    model, history = prepared(case)
    started = time.perf_counter()
    model.fit(history)
    return model, 1000 * (time.perf_counter() - started)


def by_newton(case, model):
    """The package's other optimiser, Newton's method, goes on from where the usual one, L-BFGS, stops at a kink of the Laplace prior."""
    again, history = prepared(case)
    init = {name: model.params[name][0][0] for name in ("k", "m", "sigma_obs")}
    init |= {name: model.params[name][0] for name in ("delta", "beta")}
    again.fit(history, init=init, algorithm="Newton")
    return again


def described(case, model):
    future = pd.DataFrame({"ds": instants(case["ahead"])})
    for name, columns in case["events"].items():
        future[name] = columns["ahead"]
    started = time.perf_counter()
    forecast = model.predict(future)["yhat"].to_numpy()
    return {
        "k": float(model.params["k"][0][0]),
        "m": float(model.params["m"][0][0]),
        "delta": model.params["delta"][0].tolist(),
        "beta": model.params["beta"][0].tolist(),
        "sigma": float(model.params["sigma_obs"][0][0]),
        "forecast": forecast.tolist(),
        "forecastMs": 1000 * (time.perf_counter() - started),
    }


for line in sys.stdin:
    case = json.loads(line)
    model, ms = fit(case)
    answer = {"usual": described(case, model) | {"fitMs": ms}, "newton": described(case, by_newton(case, model))}
    print(json.dumps(answer), flush=True)
