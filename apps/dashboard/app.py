"""The dashboard's entry: `streamlit run apps/dashboard/app.py`.

Lists the pages under the words of the flow, applies the theme, shows whose book is looked at, and
turns every foreseeable failure into a sentence that says what to do next.
"""

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from apps.access import AccessRefusedError
from apps.dashboard import session, theme
from apps.dashboard.layout import note
from apps.warehouse import NothingPublishedError, SnapshotMissingError, WarehouseError
from ledger.errors import LedgerError

st.set_page_config(page_title="Invoice Financing Platform", layout="wide")
theme.apply()

PAGES = {
    "Marts": [st.Page("screens/portfolio.py", title="Portfolio", default=True)],
    "Decisions": [st.Page("screens/decisions.py", title="Requests and reasons")],
    "Audit": [st.Page("screens/audit.py", title="Lineage and ledger")],
}


def choose_tenant() -> None:
    """Let the person switch between the tenants they were granted."""
    viewer = session.user(session.publication())
    chosen = session.tenant(viewer)
    with st.sidebar:
        picked = st.selectbox(
            "Financier (tenant)",
            viewer.tenants,
            index=viewer.tenants.index(chosen),
            help="Whose book is shown. Rows of other tenants cannot be reached from here.",
        )
        st.caption(f"Signed in as {viewer.display_name}, role {viewer.grants[picked].value}.")
    if picked != chosen:
        st.session_state["tenant"] = picked
        st.query_params.pop("tenant", None)
        st.query_params.pop("decision", None)
        st.rerun()
    st.session_state["tenant"] = picked


def show() -> None:
    """Run the chosen page, or say why there is nothing to show."""
    page = st.navigation(PAGES)
    try:
        choose_tenant()
        page.run()
    except NothingPublishedError:
        st.title("Nothing is published yet", anchor=False)
        note(
            "The figures of this page come from a published snapshot, and there is none.",
            "Run `ifp run` once: it ingests, decides, proves and then publishes.",
            "This page shows the snapshot as soon as its ledger entry exists.",
        )
    except SnapshotMissingError as error:
        st.title("The published snapshot is missing", anchor=False)
        note(
            "The ledger names a snapshot that is not on disk, so no figure can be shown.",
            str(error),
            tone="act",
        )
    except AccessRefusedError as error:
        st.title("No access", anchor=False)
        note("There is nothing here that you were granted.", str(error), tone="attention")
    except (WarehouseError, LedgerError, SQLAlchemyError) as error:
        st.title("This page cannot be computed", anchor=False)
        note("No figure is shown, since it could be wrong.", str(error), tone="act")


show()
