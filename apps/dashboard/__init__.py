"""The Streamlit dashboard: each page answers one question from a published snapshot."""
