//! Labels, annotations and the finalizer: the words that the operator leaves on objects and reads
//! from them.

/// The EmrInstance that an object belongs to.
pub const INSTANCE: &str = "emrstack.dev/instance";
/// What part of an instance an object is: `app`, `install`, `database`, …
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// The application: `openemr`.
pub const APP_NAME: &str = "app.kubernetes.io/name";
/// The instance, by the name that tools group by.
pub const APP_INSTANCE: &str = "app.kubernetes.io/instance";
/// The application's version.
pub const APP_VERSION: &str = "app.kubernetes.io/version";
/// Who manages an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`], and the field manager of every apply.
pub const OPERATOR: &str = "emr-operator";

/// The EmrInstance on whose schedule an object was made.
pub const SCHEDULED_BY: &str = "emrstack.dev/scheduled-by";

/// Stops the operator from changing anything for this object while it is `true`.
pub const PAUSED: &str = "emrstack.dev/paused";
/// Any new value asks for a look at once, whatever back-off is running.
pub const RECONCILE_REQUESTED_AT: &str = "emrstack.dev/reconcile-requested-at";
/// The object's own name, to allow a deletion that destroys data.
pub const CONFIRM_DELETE: &str = "emrstack.dev/confirm-delete";
/// The object's own name, to let a restored copy out of its fence.
pub const RELEASED: &str = "emrstack.dev/released";
/// On a CacheCluster: the revision of its connection Secret, its [`SOURCE_HASH`], that every pod which
/// uses it was started with. Whoever rolls the pods sets it; a former AUTH token is taken away after.
pub const ROLLED: &str = "emrstack.dev/rolled";
/// On an EmrInstance with OpenEMR: any new value asks for the other of its two database users, with a new
/// password, in the place of the one that its pods have.
pub const ROTATE_DATABASE_USER: &str = "emrstack.dev/rotate-database-user";
/// What somebody accepted who was asked to: the message that asks says which word.
pub const APPROVED: &str = "emrstack.dev/approved";
/// The hash of what a connection Secret was made from, so that it is rewritten only on change.
pub const SOURCE_HASH: &str = "emrstack.dev/source-hash";
/// On pods: the hash of the configuration they started with.
pub const CONFIG_HASH: &str = "emrstack.dev/config-hash";

/// Keeps an object until what it stands for is safe.
pub const FINALIZER: &str = "emrstack.dev/data-safety";
