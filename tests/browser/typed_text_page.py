"""Texts in Streamlit's elements, for `test_names`: each should appear as the characters that it is."""

import json
import os
from pathlib import Path

import streamlit as st

from pages.parts.base.typed_text import as_typed

st.title("Texts")
for k, text in enumerate(json.loads(Path(os.environ["TEXTS"]).read_text("utf-8"))):
    with st.container(key=f"text_{k}"):
        st.markdown(as_typed(text))
        st.markdown(f"A run “{as_typed(text)}” and **{as_typed(text)}** 1")
        st.header(as_typed(text), anchor=False)
        st.button(as_typed(text), key=f"button_{k}")
        st.page_link("https://localhost/", label=as_typed(text))
        st.warning(as_typed(text), icon=":material/info:")
        st.caption(as_typed(text))
