"""MARTS → VERDICT: pure Python; frames and values in, frames and values out."""
