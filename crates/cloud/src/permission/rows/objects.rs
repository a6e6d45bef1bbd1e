//! Buckets, the roles of pods, and whose pods take them.
//!
//! Conditions on a bucket's tags hold only where attribute-based access control was switched on for it
//! (Amazon S3 user guide, "Enabling ABAC in general purpose buckets"), so the name bounds what may be done:
//! account and region stand in it. What is made is tagged as ours: with tags, `CreateBucket` needs
//! `s3:TagResource`. No right reads, writes or deletes an object.

use super::{ANY, CALL, READ, row};
use crate::permission::{
    Condition::{Boundary, Like, RequestTag, ResourceTag},
    Row,
};

const BUCKETS: &[&str] = &["arn:${partition}:s3:::emr-${account}-${region}-*"];
const POD_ROLES: &[&str] = &["arn:${partition}:iam::${account}:role/emrstack/pods/*"];
const CLUSTERS: &[&str] = &["arn:${partition}:eks:${region}:${account}:cluster/${cluster}"];
const ASSOCIATIONS: &[&str] =
    &["arn:${partition}:eks:${region}:${account}:podidentityassociation/${cluster}/*"];

pub(super) const ROWS: &[Row] = &[
    // S3.
    row(
        "s3",
        &[
            "CreateBucket",
            "PutBucketPublicAccessBlock",
            "PutBucketOwnershipControls",
            "PutEncryptionConfiguration",
            "PutBucketPolicy",
            "PutBucketVersioning",
            "PutBucketObjectLockConfiguration",
            "PutLifecycleConfiguration",
            "PutBucketCORS",
            "PutBucketLogging",
            "PutBucketTagging",
            "DeleteBucket",
        ],
        BUCKETS,
        &[],
        CALL,
    ),
    row(
        "s3",
        &["TagResource"],
        BUCKETS,
        &[RequestTag],
        "tags given to s3:CreateBucket: API reference, CreateBucketConfiguration",
    ),
    row(
        "s3",
        &[
            "GetBucketTagging",
            "GetBucketPublicAccessBlock",
            "GetBucketOwnershipControls",
            "GetEncryptionConfiguration",
            "GetBucketPolicy",
            "GetBucketVersioning",
            "GetBucketObjectLockConfiguration",
            "GetLifecycleConfiguration",
            "GetBucketCORS",
            "GetBucketLogging",
            "ListBucketVersions",
        ],
        BUCKETS,
        &[],
        READ,
    ),
    row("s3", &["ListAllMyBuckets"], ANY, &[], READ),
    // IAM: what pods may do, within the boundary (safety.md 10).
    row(
        "iam",
        &["PutRolePolicy"],
        POD_ROLES,
        &[ResourceTag, Boundary],
        CALL,
    ),
    row(
        "iam",
        &["DeleteRolePolicy", "DeleteRole"],
        POD_ROLES,
        &[ResourceTag],
        CALL,
    ),
    row("iam", &["GetRolePolicy"], POD_ROLES, &[], READ),
    row(
        "iam",
        &["PassRole"],
        POD_ROLES,
        &[Like("iam:PassedToService", &["pods.eks.amazonaws.com"])],
        "eks:CreatePodIdentityAssociation, eks:UpdatePodIdentityAssociation: EKS user guide, Assign an IAM role to a Kubernetes service account",
    ),
    // EKS.
    row(
        "eks",
        &["CreatePodIdentityAssociation"],
        CLUSTERS,
        &[RequestTag],
        CALL,
    ),
    row(
        "eks",
        &["TagResource"],
        ASSOCIATIONS,
        &[RequestTag],
        "tags given to eks:CreatePodIdentityAssociation: EKS user guide, Tagging your resources",
    ),
    row(
        "eks",
        &[
            "UpdatePodIdentityAssociation",
            "DeletePodIdentityAssociation",
        ],
        ASSOCIATIONS,
        &[ResourceTag],
        CALL,
    ),
    row("eks", &["ListPodIdentityAssociations"], CLUSTERS, &[], READ),
    row(
        "eks",
        &["DescribePodIdentityAssociation"],
        ASSOCIATIONS,
        &[],
        READ,
    ),
];
