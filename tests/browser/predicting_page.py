"""A page of predictions, each beside what came. Its address says of which form, and what is stored of it."""

import json

import streamlit as st

from pages.parts.base.i18n import KEY
from pages.parts.frame.frame import STYLES
from pages.parts.predicting.comparison import comparison
from pages.parts.predicting.predict_input import predict_input
from tests.lessons.asked import ASKED, NAMES, RUNS
from tests.lessons.epochs import falling_to

ENDS = dict(zip(NAMES, (0.05, 0.03, 0.02), strict=True))

address = st.query_params
st.session_state[KEY] = st.radio("Language", ("en", "es"), key="language")
st.html(STYLES)
st.title("Predictions")
stored = json.loads(address.get("stored", "null"))
results = {name: falling_to(loss) for name, loss in ENDS.items()}
for form, asked in ASKED.items():
    if address.get("form", form) == form:
        st.subheader(form)
        said = predict_input(
            asked, RUNS, key=f"say_{form}", stored=stored, names=NAMES, on_said=lambda _said: None
        )
        st.text(json.dumps(said))
        comparison(asked, said, RUNS, results, key=f"came_{form}", names=NAMES)
