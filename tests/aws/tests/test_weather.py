"""Storms and outages: what one account goes through, and no other."""
import time
import urllib.error

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from conftest import World, code, until
from test_control import groups, make_group

NEVER = {"throttle": 0, "error": 0, "reset": 0, "spike": 0}


def storm(world, **settings):
    return world.server.control("PUT", f"accounts/{world.account}/storm", settings)


def end_storm(world):
    return world.server.control("DELETE", f"accounts/{world.account}/storm")


def outage(world, **settings):
    return world.server.control("PUT", f"accounts/{world.account}/outage", settings)


def met(call):
    """What a call ended in: nothing, an error code, or a broken connection."""
    try:
        call()
    except ClientError as failure:
        return failure.response["Error"]["Code"]
    except ConnectionClosedError:
        return "closed"
    return None


def test_the_nth_call_of_an_operation_meets_the_same_fate_in_every_run(server):
    def fates(seed, others):
        world = World(server, zones=1)
        storm(world, seed=seed, throttle=0.2, error=0.1, reset=0.1, spike=0)
        found = []
        for _ in range(60):
            found.append(met(lambda: groups(world)))
            if others:
                met(world.client("kms").list_keys)
        return found

    calm = World(server, zones=1)
    first = fates(7, others=False)
    assert first == fates(7, others=True), "what runs beside it changes nothing"
    assert first != fates(8, others=False)
    assert {"Throttling", "InternalFailure", "ServiceUnavailable", "closed", None} == set(first)
    assert [met(lambda: groups(calm)) for _ in range(20)] == [None] * 20, "other accounts have a calm day"


def test_shares_are_kept_and_counted(world):
    storm(world, seed=1, throttle=0.1, error=0.05, reset=0.02, spike=0)
    found = [met(lambda: groups(world)) for _ in range(400)]
    struck = end_storm(world)["struck"]
    assert struck["calls"] == 400 and 25 <= struck["throttled"] <= 60
    assert 8 <= struck["failed"] + struck["unavailable"] <= 35 and 2 <= struck["reset"] + struck["lost"] <= 18
    for name, error in (("throttled", "Throttling"), ("failed", "InternalFailure"), ("unavailable", "ServiceUnavailable")):
        assert struck[name] == found.count(error) > 0
    assert struck["reset"] + struck["lost"] == found.count("closed")
    assert met(lambda: groups(world)) is None and end_storm(world) is None, "it is over"


@pytest.mark.parametrize("service, call, throttled", [
    ("ec2", lambda w: w.client("ec2").describe_vpcs(), "RequestLimitExceeded"),
    ("efs", lambda w: w.client("efs").describe_file_systems(), "ThrottlingException"),
    ("kms", lambda w: w.client("kms").list_keys(), "ThrottlingException"),
    ("elasticache", lambda w: w.client("elasticache").describe_users(), "Throttling"),
    ("backup", lambda w: w.client("backup").list_backup_vaults(), "ThrottlingException"),
])
def test_each_service_fails_in_its_own_words(world, service, call, throttled):
    storm(world, **{**NEVER, "throttle": 1})
    assert met(lambda: call(world)) == throttled
    storm(world, **{**NEVER, "error": 1})
    seen = {}
    for _ in range(20):
        with pytest.raises(ClientError) as failure:
            call(world)
        seen[code(failure)] = failure.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert seen == {"InternalFailure": 500, "ServiceUnavailable": 503}


@pytest.mark.parametrize("trouble, without, effect", [("reset", "reset", "lost"), ("error", "unavailable", "failed")])
def test_an_effect_can_happen_though_the_call_failed(world, trouble, without, effect):
    storm(world, **{**NEVER, trouble: 1})
    for number in range(20):
        assert met(lambda: make_group(world, f"pg{number}")) is not None
    ended = end_storm(world)
    assert ended["mutations"] == ended["struck"] and ended["struck"]["calls"] == 20
    made = len(groups(world))
    assert made == ended["struck"][effect] > 0 and 20 - made == ended["struck"][without] > 0


def test_some_calls_are_slow(world):
    storm(world, **{**NEVER, "spike": 0.5, "seconds": 0.3})
    took = []
    for _ in range(12):
        began = time.time()
        groups(world)
        took.append(time.time() - began)
    slow = sum(seconds >= 0.3 for seconds in took)
    assert slow == end_storm(world)["struck"]["slow"] and 0 < slow < 12


def test_a_role_is_assumed_in_the_storm_of_its_account(server, world):
    def assume(account):
        return met(lambda: world.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/emr-operator", RoleSessionName="test"))

    away = World(server, zones=1)
    storm(away, **{**NEVER, "throttle": 1})
    assert assume(away.account) == "Throttling"
    assert assume(world.account) is None


def test_in_an_outage_nothing_is_served_and_nothing_happens(server, world):
    began = time.time()
    outage(world, seconds=0.8)
    assert met(lambda: make_group(world)) == "closed"
    assert met(lambda: groups(World(server, zones=1))) is None, "others have AWS"
    view = world.server.control("GET", f"accounts/{world.account}/outage")
    assert view["turnedAway"] == 1 and 0 < view["left"] <= 0.8
    until(lambda: met(lambda: groups(world)) is None)
    assert 0.7 <= time.time() - began < 2
    assert groups(world) == []


def test_a_silent_outage_leaves_calls_without_an_answer_and_without_a_late_effect(world):
    outage(world, seconds=60, silent=True)
    with pytest.raises(ReadTimeoutError):
        world.client("rds", read_timeout=0.3).create_db_cluster_parameter_group(
            DBClusterParameterGroupName="pg", DBParameterGroupFamily="aurora-mysql8.0", Description="d")
    ended = world.server.control("DELETE", f"accounts/{world.account}/outage")
    assert ended["turnedAway"] == 1 and ended["left"] == 0
    time.sleep(0.1)
    assert groups(world) == [], "what nobody waits for any more is not done late"


def test_settings_that_make_no_sense_are_refused(world):
    for path, data in (("storm", {"throttle": 0.9, "error": 0.2}), ("storm", {"spike": -1}), ("storm", {"gale": 1}),
                       ("storm", {"seconds": 1e6}), ("outage", {}), ("outage", {"seconds": 0}),
                       ("outage", {"seconds": 1, "quiet": True})):
        with pytest.raises(urllib.error.HTTPError) as failure:
            world.server.control("PUT", f"accounts/{world.account}/{path}", data)
        assert failure.value.code == 400, data
    assert met(lambda: groups(world)) is None
