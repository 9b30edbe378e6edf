# Calls one function nine times as often as its twin.
import time


def hot_function():
    total = 0.0
    for i in range(3000):
        total += i * 0.5
    return total


def other_function():
    total = 0.0
    for i in range(3000):
        total += i * 0.5
    return total


print("ready", flush=True)
while True:
    for turn in range(50):
        if turn % 10 == 0:
            other_function()
        else:
            hot_function()
    time.sleep(0.004)
