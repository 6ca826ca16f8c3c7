"""What can be done with the chosen runs: open, rename, share, download, delete."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from fmnist_core.sentences import LabError
from fmnist_core.store.export import zip_run
from fmnist_core.store.runs import Run
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAB_PAGES, LAYERS
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.exports.export_menu import export_runs, file_stem
from pages.parts.widgets.share_link import share_link

ASKING = "runs_asking"  # a dialog is open, so nothing may rerun the whole page under it


def chosen_ids() -> list[str]:
    """The runs that the address names."""
    return list(dict.fromkeys(run_id for run_id in st.query_params.get("runs", "").split(",") if run_id))


def choose(ids: Sequence[str]) -> None:
    if ids:
        st.query_params["runs"] = ",".join(ids)
    else:
        st.query_params.pop("runs", None)


def open_in_lab(run: Run) -> None:
    st.switch_page(LAB_PAGES[run.spec.task], query_params={"run": run.id})


def toolbar(chosen: Sequence[Run]) -> None:
    """Buttons for the chosen runs; those that need one run, or a run of one's own, wait greyed out for it."""
    st.session_state[ASKING] = False
    mine = [run for run in chosen if run.learner == learner_id()]
    run = chosen[0] if len(chosen) == 1 else None
    count = ngettext("{n} run chosen", "{n} runs chosen", len(chosen)).format(n=len(chosen))
    st.markdown(count if chosen else _("Tick one run to work with it, two or more to compare them."))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(_("Open in the lab"), key="runs_open", icon=":material/open_in_new:", disabled=not run):
            open_in_lab(run)
        if st.button(
            _("Look inside"), key="runs_inside", icon=":material/layers:", disabled=not (run and run.step)
        ):
            st.switch_page(LAYERS, query_params={"network": run.id})
        if st.button(_("Rename"), key="runs_rename", icon=":material/edit:", disabled=not (run and mine)):
            _ask(_("Rename a run"), _rename, run)
        with st.popover(_("Share"), icon=":material/link:", key="runs_share", disabled=not chosen):
            st.caption(
                _("Whoever opens this link sees these runs, and can branch from them but not change them.")
            )
            share_link(link(chosen, st.context.url or ""))
        _download(run)
        export_runs(chosen, file_stem(run) if run else "runs", key="runs_export")
        if st.button(_("Delete"), key="runs_delete", icon=":material/delete:", disabled=not mine):
            _ask(_("Delete runs"), _delete, mine)


def link(chosen: Sequence[Run], here: str) -> str:
    """One run opens in the lab; several on the page of runs, compared. `here` is that page's own address."""
    if len(chosen) == 1:
        return f"{here.rsplit('/', 1)[0]}/{chosen[0].spec.task}?{urlencode({'run': chosen[0].id})}"
    return f"{here}?runs={','.join(run.id for run in chosen)}"


def _download(run: Run | None) -> None:
    opened = store()
    st.download_button(
        _("Download"),
        data=(lambda: zip_run(opened, run.id)) if run else b"",
        file_name=f"{file_stem(run)}.zip" if run else None,
        mime="application/zip",
        key="runs_download",
        icon=":material/download:",
        on_click="ignore",
        disabled=not run,
        help=_("A zip of settings (spec.json), curves (history.csv) and weights (model.safetensors)."),
    )


def _ask(title: str, question, about: Run | Sequence[Run]) -> None:
    st.session_state[ASKING] = True
    st.dialog(title, on_dismiss="rerun")(question)(about)


def _rename(run: Run) -> None:
    with st.form("rename_form", border=False):
        name = st.text_input(_("Name"), run.name, key="rename_name", max_chars=80)
        if st.form_submit_button(_("Rename"), type="primary", key="rename_yes"):
            _do(lambda: engine().rename(run.id, learner_id(), name))


def _delete(runs: Sequence[Run]) -> None:
    st.markdown(
        ngettext(
            "This run, its curves, its film and its weights will be gone for good:",
            "These {n} runs, their curves, films and weights will be gone for good:",
            len(runs),
        ).format(n=len(runs))
    )
    st.text("\n".join(run.name for run in runs))
    with st.container(horizontal=True):
        if st.button(_("Delete"), key="delete_yes", type="primary", icon=":material/delete:"):
            _do(lambda: _drop(runs))
        if st.button(_("Keep"), key="delete_no"):
            st.rerun()


def _drop(runs: Sequence[Run]) -> None:
    for run in runs:
        engine().delete(run.id, learner_id())
    gone = {run.id for run in runs}
    choose([run_id for run_id in chosen_ids() if run_id not in gone])


def _do(change) -> None:
    try:
        change()
    except LabError as error:
        st.error(as_typed(say(error)), icon=":material/info:")
    else:
        st.rerun()
