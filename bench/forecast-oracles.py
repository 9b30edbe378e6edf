"""Forecasts with statsforecast and prophet: one question as JSON a line on standard input, one answer a line; called by forecast-oracles.ts."""
import json
import logging
import os
import sys
import warnings

import numpy as np
import pandas as pd
from prophet import Prophet
from statsforecast.models import MSTL, AutoARIMA, AutoETS

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def by_statsforecast(model, case):
    widths = sorted({round(200 * abs(level - 0.5)) for level in case["levels"] if level != 0.5})
    ahead = max(case["horizons"])
    result = model.forecast(y=np.asarray(case["values"]), h=ahead, level=widths)
    at = np.asarray(case["horizons"]) - 1

    def quantile(level):
        if level == 0.5:
            return result["mean"]
        return result[f"{'hi' if level > 0.5 else 'lo'}-{round(200 * abs(level - 0.5))}"]

    return [np.asarray(quantile(level))[at] for level in case["levels"]]


def by_prophet(case):
    def instants(ticks):
        return pd.to_datetime(case["startsAt"] + case["step"] * ticks, unit="s")

    count = len(case["values"])
    model = Prophet()
    model.fit(pd.DataFrame({"ds": instants(np.arange(count)), "y": case["values"]}))
    samples = model.predictive_samples(pd.DataFrame({"ds": instants(count - 1 + np.asarray(case["horizons"]))}))["yhat"]
    return [np.quantile(samples, level, axis=1) for level in case["levels"]]


MODELS = {
    "AutoARIMA": lambda case: by_statsforecast(AutoARIMA(), case),
    "AutoETS": lambda case: by_statsforecast(AutoETS(), case),
    "MSTL": lambda case: by_statsforecast(MSTL(season_length=[case["season"]]), case),
    "prophet": by_prophet,
}


def cpu_seconds():
    """Of this process and of those that it started, which Stan is: on a busy machine the clock would count what others do."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


for line in sys.stdin:
    case = json.loads(line)
    np.random.seed(1)
    started = cpu_seconds()
    quantiles = MODELS[case["model"]](case)
    ms = 1000 * (cpu_seconds() - started)
    print(json.dumps({"quantiles": [np.maximum(row, 0).tolist() for row in quantiles], "ms": ms}), flush=True)
