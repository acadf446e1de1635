"""The pages, one file each, run by `st.navigation`; not `pages/`, which Streamlit claims itself."""
