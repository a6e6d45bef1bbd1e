//! What instances need of the Kubernetes cluster and the operator does not install: told with the way
//! to install it. Blocks nothing: what is missing shows where it is needed.

use emr_api::conditions::{self, Beside, Verdict};

use crate::progress::Notice;

/// The CSI driver that mounts EFS.
pub const EFS_CSI_DRIVER: &str = "efs.csi.aws.com";
/// The API that autoscalers read CPU and memory from.
pub const METRICS_API: &str = "v1beta1.metrics.k8s.io";
/// The `IngressClass` that Ingresses of instances name.
pub const INGRESS_CLASS: &str = "alb";
/// The `DaemonSet` that hands roles to pods, and its namespace, as the EKS add-on makes it.
pub const POD_IDENTITY_AGENT: (&str, &str) = ("kube-system", "eks-pod-identity-agent");
/// Who serves it: the AWS Load Balancer Controller, or EKS Auto Mode.
const CONTROLLERS: [&str; 2] = ["ingress.k8s.aws/alb", "eks.amazonaws.com/alb"];

/// What the cluster has of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InCluster {
    /// Whether [`EFS_CSI_DRIVER`] is registered.
    pub efs_csi_driver: bool,
    /// Whether [`METRICS_API`] answers; `None` where nobody registered it.
    pub metrics_api: Option<bool>,
    /// The controller of [`INGRESS_CLASS`]; `None` where there is no such class.
    pub ingress_controller: Option<String>,
    /// Whether [`POD_IDENTITY_AGENT`] is there; `None` where nobody asks for it.
    pub pod_identity_agent: Option<bool>,
}

/// The condition that says what is missing, and how to install it.
pub fn prerequisites(found: Result<&InCluster, &str>) -> Beside {
    let (verdict, notice) = match found.map(missing) {
        Err(why) => {
            let message = format!("what is installed in the cluster can't be looked at: {why}");
            (Verdict::Unknown, Notice::new("Unreadable", message))
        }
        Ok(missing) if missing.is_empty() => {
            let message = "EFS CSI driver, metrics API and load balancer controller are installed";
            (Verdict::Yes, Notice::new("Installed", message))
        }
        Ok(missing) => {
            let message = missing.join("; ");
            (Verdict::No, Notice::new("Missing", message))
        }
    };
    Beside {
        kind: conditions::PREREQUISITES_READY,
        verdict,
        reason: notice.reason,
        message: notice.message,
    }
}

fn missing(found: &InCluster) -> Vec<String> {
    let mut missing = Vec::new();
    if !found.efs_csi_driver {
        missing.push(format!(
            "the EFS CSI driver is missing, so files can't be mounted: install the EKS add-on \
             aws-efs-csi-driver (CSIDriver {EFS_CSI_DRIVER})"
        ));
    }
    match found.metrics_api {
        Some(true) => {}
        Some(false) => missing.push(format!(
            "the metrics API does not answer, so nothing scales: look at the pods of the EKS add-on \
             metrics-server (APIService {METRICS_API})"
        )),
        None => missing.push(format!(
            "the metrics API is missing, so nothing scales: install the EKS add-on metrics-server \
             (APIService {METRICS_API})"
        )),
    }
    let controller = found.ingress_controller.as_deref();
    // EKS Auto Mode has it built in.
    let auto_mode = controller == Some(CONTROLLERS[1]);
    if found.pod_identity_agent == Some(false) && !auto_mode {
        let (namespace, name) = POD_IDENTITY_AGENT;
        missing.push(format!(
            "the EKS Pod Identity agent is missing, so pods get at no ObjectStore: install the EKS add-on \
             eks-pod-identity-agent (DaemonSet {name} in {namespace})"
        ));
    }
    match controller {
        Some(controller) if CONTROLLERS.contains(&controller) => {}
        Some(controller) => missing.push(format!(
            "IngressClass {INGRESS_CLASS} belongs to {controller}, so instances get no load balancer: \
             make it one of {}, the AWS Load Balancer Controller, or of {}, EKS Auto Mode",
            CONTROLLERS[0], CONTROLLERS[1]
        )),
        None => missing.push(format!(
            "IngressClass {INGRESS_CLASS} is missing, so instances get no load balancer: install the \
             AWS Load Balancer Controller by its Helm chart, or, on EKS Auto Mode, create the class \
             with controller {}",
            CONTROLLERS[1]
        )),
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(controller: &str) -> InCluster {
        InCluster {
            efs_csi_driver: true,
            metrics_api: Some(true),
            ingress_controller: Some(controller.into()),
            pod_identity_agent: None,
        }
    }

    #[test]
    fn both_controllers_will_do() {
        for controller in CONTROLLERS {
            let told = prerequisites(Ok(&whole(controller)));
            assert_eq!(
                (told.kind, told.verdict),
                ("PrerequisitesReady", Verdict::Yes)
            );
        }
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_install_it() {
        let whole = whole(CONTROLLERS[0]);
        for (found, says) in [
            (
                InCluster {
                    efs_csi_driver: false,
                    ..whole.clone()
                },
                "EKS add-on aws-efs-csi-driver",
            ),
            (
                InCluster {
                    metrics_api: None,
                    ..whole.clone()
                },
                "install the EKS add-on metrics-server",
            ),
            (
                InCluster {
                    metrics_api: Some(false),
                    ..whole.clone()
                },
                "does not answer",
            ),
            (
                InCluster {
                    ingress_controller: None,
                    ..whole.clone()
                },
                "AWS Load Balancer Controller by its Helm chart",
            ),
            (
                InCluster {
                    ingress_controller: Some("k8s.io/ingress-nginx".into()),
                    ..whole.clone()
                },
                "belongs to k8s.io/ingress-nginx",
            ),
        ] {
            let told = prerequisites(Ok(&found));
            assert_eq!(
                (told.verdict, told.reason.as_str()),
                (Verdict::No, "Missing")
            );
            assert!(told.message.contains(says), "{says}: {}", told.message);
            assert!(
                !told.message.contains("; "),
                "one at a time: {}",
                told.message
            );
        }
        let told = prerequisites(Ok(&InCluster::default()));
        assert_eq!(told.message.matches("; ").count(), 2, "{}", told.message);
    }

    #[test]
    fn the_pod_identity_agent_is_missed_only_where_something_uses_it() {
        for (controller, agent, verdict) in [
            (CONTROLLERS[0], None, Verdict::Yes),
            (CONTROLLERS[0], Some(true), Verdict::Yes),
            (CONTROLLERS[0], Some(false), Verdict::No),
            (CONTROLLERS[1], Some(false), Verdict::Yes),
        ] {
            let told = prerequisites(Ok(&InCluster {
                pod_identity_agent: agent,
                ..whole(controller)
            }));
            assert_eq!(told.verdict, verdict, "{controller}, {agent:?}");
            let named = told.message.contains("add-on eks-pod-identity-agent");
            assert_eq!(named, verdict == Verdict::No, "{}", told.message);
        }
    }

    #[test]
    fn what_can_not_be_looked_at_is_unknown() {
        let told = prerequisites(Err("forbidden"));
        assert_eq!(told.verdict, Verdict::Unknown);
        assert!(told.message.ends_with("forbidden"));
    }
}
