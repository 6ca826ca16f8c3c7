"""The classifier's page: it trains, its confusion matrix fills, its accuracy is shown."""

import re

from playwright.sync_api import expect

from tests.browser import driver

MATRIX = "Confusion matrix: true classes in rows, predicted classes in columns"
CELLS = f"""() => [...document.querySelectorAll('[aria-label="{MATRIX}"] .mark-text.role-mark text')]
    .map(cell => Number(cell.textContent)).filter(Boolean).length"""


def test_a_classifier_learns_and_its_confusion_matrix_fills(train):
    page = train("classifier", epochs=6, train_size=5000, learning_rate=0.003)
    page.wait_for_function(f"() => ({CELLS})() >= 10", polling="raf")
    expect(driver.metric(page, "Validation accuracy")).to_have_text(re.compile(r"\d\d\.\d\s%"))
    driver.wait_for_status(page, "Finished")
    accuracy = driver.metric(page, "Test accuracy")
    expect(accuracy).to_have_text(re.compile(r"\d\d\.\d\s%"))
    assert 70 < float(accuracy.inner_text().split()[0]) < 95
    expect(page.get_by_text(re.compile(r"of 10,000 images are right"))).to_be_visible()
    diagonal = page.evaluate(CELLS)
    assert diagonal >= 10
