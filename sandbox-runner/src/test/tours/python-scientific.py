# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# What numpy, pandas and matplotlib make of the kernel beyond python.py: each call that their profile adds is made here.
import matplotlib
import numpy as np
import pandas as pd

matplotlib.use("Agg")
import matplotlib.pyplot as plt

frame = pd.DataFrame({"x": np.arange(1000), "y": np.random.default_rng(1).normal(size=1000).cumsum()})
print(frame.describe().loc["count", "y"], np.linalg.norm(np.ones((300, 300)) @ np.ones((300, 300))))
frame.to_csv("data.csv")
pd.read_csv("data.csv").groupby(lambda n: n % 7).mean()
np.save("data.npy", np.ones(1000))
np.load("data.npy", mmap_mode="r+").flush()
frame.plot(x="x", y="y")
plt.savefig("plot.png")
plt.savefig("plot.pdf")
print("toured")
