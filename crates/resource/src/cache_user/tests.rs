use super::*;
use crate::{Owner, Refusal, Step};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "CacheCluster".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    Desired {
        id: "emr-a-b".into(),
        user_name: "emr-a-b".into(),
        engine: "valkey".into(),
        access: PHP_SESSIONS.into(),
        password_secret: "emrstack/clinics/a/b/cache".into(),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(access: &str) -> Observed {
    Observed {
        id: "emr-a-b".into(),
        arn: "arn".into(),
        status: "active".into(),
        user_name: "emr-a-b".into(),
        access: access.into(),
        group_ids: BTreeSet::new(),
        tags: Some(owner().tags(&Tags::new())),
    }
}

#[test]
fn access_strings_are_compared_by_meaning() {
    let same = [
        ("on ~app:* +@read", "on ~app:* -@all +@read"),
        ("on ~a ~b +get", "on ~b ~a resetchannels -@all +GET"),
        ("~* on +@all", "on allkeys allcommands"),
        ("+get", "off -@all +get"),
        (PHP_SESSIONS, PHP_SESSIONS),
    ];
    for (a, b) in same {
        assert_eq!(AccessString::new(a), AccessString::new(b));
    }
    let different = [
        ("on ~* +@all -@dangerous", "on ~* -@dangerous +@all"),
        ("on ~* +get", "off ~* +get"),
        ("on ~* +get", "on ~* &* +get"),
        ("on ~a +get", "on ~* +get"),
        (PHP_SESSIONS, "on ~* +@all"),
    ];
    for (a, b) in different {
        assert_ne!(AccessString::new(a), AccessString::new(b));
    }
}

#[test]
fn sessions_get_single_commands_and_no_category() {
    assert!(!PHP_SESSIONS.contains("+@"));
    for dangerous in [
        "keys", "scan", "flushall", "flushdb", "config", "acl", "client", "monitor",
    ] {
        assert!(
            !PHP_SESSIONS.contains(&format!("+{dangerous}")),
            "{dangerous}"
        );
    }
}

#[test]
fn created_and_its_rights_brought_back() {
    assert_eq!(
        plan(&desired(), None, &owner()),
        Step::change(Change::Create(desired().into()))
    );
    assert_eq!(
        plan(&desired(), Some(&seen(PHP_SESSIONS)), &owner()),
        Step::Settled
    );
    assert_eq!(
        plan(&desired(), Some(&seen("on ~* +@all")), &owner()),
        Step::change(Change::Modify {
            id: "emr-a-b".into(),
            access: PHP_SESSIONS.into()
        })
    );
}

#[test]
fn nothing_is_asked_while_aws_is_at_work_or_before_it_is_known() {
    let mut busy = seen("off");
    busy.status = "modifying".into();
    let mut unread = seen("off");
    unread.tags = None;
    for user in [busy, unread] {
        assert!(matches!(
            plan(&desired(), Some(&user), &owner()),
            Step::Wait(_)
        ));
        assert!(matches!(remove(Some(&user), &owner()), Step::Wait(_)));
    }
}

#[test]
fn another_name_or_owner_is_refused() {
    let mut renamed = seen(PHP_SESSIONS);
    renamed.user_name = "default".into();
    let mut foreign = seen("off");
    foreign.tags = Some(Tags::new());
    for (user, reason) in [
        (&renamed, Refusal::REPLACEMENT_REFUSED),
        (&foreign, Refusal::FOREIGN_RESOURCE),
    ] {
        let step = plan(&desired(), Some(user), &owner());
        assert!(matches!(step, Step::Refuse(r) if r.reason == reason));
    }
    assert_eq!(remove(Some(&foreign), &owner()), Step::Settled);
}

#[test]
fn removed_once_no_group_holds_it() {
    let mut member = seen(PHP_SESSIONS);
    member.group_ids.insert("emr-a-b".into());
    assert!(matches!(remove(Some(&member), &owner()), Step::Wait(_)));
    assert_eq!(
        remove(Some(&seen(PHP_SESSIONS)), &owner()),
        Step::change(Change::Delete("emr-a-b".into()))
    );
    assert_eq!(remove(None, &owner()), Step::Settled);
}
