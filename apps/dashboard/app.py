"""The dashboard's entry: `streamlit run apps/dashboard/app.py`.

Lists the pages under the words of the flow, applies the theme, shows whose book is looked at, and
turns every foreseeable failure into a sentence that says what to do next. A page is added by one
line in `PAGES`, under the word of the flow whose work it shows.
"""

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from apps.access import AccessRefusedError
from apps.dashboard import session, theme
from apps.dashboard.layout import failure
from apps.warehouse import WarehouseError
from ledger.errors import LedgerError

PORTFOLIO = st.Page("screens/portfolio.py", title="Portfolio", url_path="first", default=True)


def to_portfolio() -> None:
    """Open the first page, which has the address of the server, for whoever wrote its name."""
    st.switch_page(PORTFOLIO, query_params=st.query_params.to_dict())


PAGES = {
    "Sources": [
        st.Page("screens/assess.py", title="Assess your own file"),
        st.Page("screens/syncs.py", title="Syncs and freshness"),
    ],
    "Raw": [
        st.Page("screens/quality.py", title="Quality and quarantine"),
    ],
    "Marts": [
        PORTFOLIO,
        st.Page(to_portfolio, title="Portfolio", url_path="portfolio", visibility="hidden"),
    ],
    "Scores": [
        st.Page("screens/risk.py", title="Risk"),
    ],
    "Decisions": [
        st.Page("screens/decisions.py", title="Requests and reasons"),
    ],
    "Actions": [
        st.Page("screens/queue.py", title="Queue and dead letters"),
    ],
    "Audit": [
        st.Page("screens/compliance.py", title="Compliance"),
        st.Page("screens/audit.py", title="Lineage and ledger"),
        st.Page("screens/health.py", title="System health"),
    ],
}


def choose_tenant() -> None:
    """Let the person switch between the tenants they were granted."""
    viewer = session.viewer()
    chosen = session.tenant(viewer)
    with st.sidebar:
        picked = st.selectbox(
            "Financier (tenant)",
            viewer.tenants,
            index=viewer.tenants.index(chosen),
            help="Whose book is shown. Rows of other tenants cannot be reached from here.",
        )
        st.caption(f"Signed in as {viewer.display_name}, role {viewer.grants[picked].value}.")
    session.look_at(picked, instead_of=chosen)


def show() -> None:
    """Run the chosen page, or say why there is nothing to show; never half of a page."""
    st.set_page_config(page_title="Invoice Financing Platform", layout="wide")
    theme.apply()
    page = st.navigation(PAGES)
    whole = st.empty()
    try:
        choose_tenant()
        with whole.container():
            page.run()
    except (AccessRefusedError, WarehouseError, LedgerError, SQLAlchemyError) as error:
        whole.empty()
        failure(error)


show()
