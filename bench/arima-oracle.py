"""Fits the Python package `statsmodels` to the series that come as JSON on standard input, one answer a line; called by arima-oracle.ts."""
import json
import sys
import time
import warnings

import numpy as np
from statsmodels.tsa.arima.model import ARIMA

warnings.filterwarnings("ignore")


def fit(case):
    series = np.asarray(case["series"])
    p, d, q = case["order"]
    model = ARIMA(series, order=(p, d, q), trend="c" if d == 0 else "n")
    started = time.perf_counter()
    result = model.fit()
    ms = 1000 * (time.perf_counter() - started)
    return {
        "converged": bool(result.mle_retvals.get("converged", True)),
        "likelihood": float(result.llf),
        "forecast": result.forecast(case["ahead"]).tolist(),
        "ms": ms,
    }


for line in sys.stdin:
    try:
        answer = fit(json.loads(line))
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
