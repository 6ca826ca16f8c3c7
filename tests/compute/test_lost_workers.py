"""What the loss of workers says of a run: only memory, known to have run out thrice in a row, ends it."""

import pytest

from fmnist_core.compute.lost_workers import DEADLY, DEADLY_SECONDS, LONGEST_PAUSE, LostWorkers


def lost(*losses: tuple[float, bool]) -> LostWorkers:
    workers = LostWorkers()
    for seconds, out_of_memory in losses:
        workers.add(seconds, out_of_memory)
    return workers


def test_losses_for_any_other_reason_prove_nothing_and_pauses_grow_to_a_limit():
    pauses = [lost(*[(0.0, False)] * count).pause for count in range(1, 20)]
    assert pauses[:4] == [0.0, 1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert not lost(*[(0.0, False)] * 100).prove_too_much_memory


def test_memory_that_ran_out_again_and_again_proves_it():
    assert [lost(*[(1.0, True)] * count).prove_too_much_memory for count in range(1, 5)] == [False] * 2 + [
        True
    ] * 2
    assert lost((1.0, True), (1.0, False), (2.0, True), (0.0, True)).prove_too_much_memory


@pytest.mark.parametrize("out_of_memory", [True, False])
def test_training_for_a_while_starts_the_count_anew(out_of_memory: bool):
    before = [(1.0, out_of_memory)] * (DEADLY - 1)
    assert lost(*before, (1.0 + DEADLY_SECONDS, out_of_memory)) == LostWorkers(
        1, int(out_of_memory), 1.0 + DEADLY_SECONDS
    )
    assert lost(*before, (0.9 + DEADLY_SECONDS, out_of_memory)).count == DEADLY
