"""Advance rate, fees and the price floor."""
