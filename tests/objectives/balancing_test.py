import pytest
import tensorflow as tf

from tfgan_faces.objectives import balancing


def decide(rule, real_error, fake_error, accuracy=0.5):
    inputs = (tf.constant(x) for x in (real_error, fake_error, accuracy))
    return tuple(bool(decision) for decision in rule.decide(*inputs))


@pytest.mark.parametrize(
    ("real_error", "fake_error", "decision"),
    [
        (0.5, 0.5, (True, True)),
        (0.5, 0.29, (False, True)),  # a discriminator that is too good is skipped
        (0.29, 0.5, (False, True)),
        (0.5, 0.71, (True, False)),  # a generator that is too good is skipped
        (0.71, 0.5, (True, False)),
        (0.29, 0.71, (True, True)),  # both would be skipped, so both are trained
        (0.3, 0.7, (True, True)),  # the margins are inclusive
    ],
)
def test_margin_rule_of_the_blog(real_error, fake_error, decision):
    assert decide(balancing.MarginBalance(0.3), real_error, fake_error) == decision


@pytest.mark.parametrize(
    ("accuracy", "decision"), [(0.5, (True, False)), (0.7, (True, True)), (0.9, (False, True))]
)
def test_accuracy_band(accuracy, decision):
    assert decide(balancing.AccuracyBalance(0.6, 0.8), 0.5, 0.5, accuracy) == decision


def test_l2_rule_of_the_blog():
    rule = balancing.L2Balance()
    assert decide(rule, 0.01, 5.0) == (True, True)
    coefficients = []
    for error in (1.31, 1.4, 1.0, 0.89, 0.5, 0.1):
        rule.observe_generator(tf.constant(error))
        coefficients.append(float(rule.weight_decay()))
    assert coefficients == pytest.approx([1e-5, 2e-5, 2e-5, 1e-5, 0.0, 0.0], abs=1e-10)


def test_rules_work_inside_a_graph_and_track_their_state():
    rule = balancing.build_balance("l2", margin=0.3)

    @tf.function
    def turn(error):
        rule.observe_generator(error)
        return rule.decide(error, error, error)

    turn(tf.constant(2.0))
    assert float(rule.coefficient) == pytest.approx(1e-5)
    assert rule.variables == (rule.coefficient,)


def test_none_trains_both():
    rule = balancing.build_balance("none", margin=0.3)
    assert decide(rule, 0.0, 9.0, 1.0) == (True, True)
    assert rule.weight_decay() is None
    assert isinstance(balancing.build_balance("margin", 0.1), balancing.MarginBalance)
    assert balancing.build_balance("margin", 0.1).margin == 0.1
