//! What a container sees of Kubernetes: its environment and its mounts.

use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::{
    ConfigMap, Container, EnvVar, PersistentVolume, PersistentVolumeClaim, Pod, Secret, Volume,
    VolumeMount,
};
use kube::{Api, Client, ResourceExt as _};

use super::pod::Root;

/// Where to look things up for the pods of one namespace.
pub(crate) struct Cluster<'a> {
    /// The API server.
    pub(crate) client: &'a Client,
    /// What the stand-in's file systems hold.
    pub(crate) contents: &'a Path,
    /// The pods' namespace.
    pub(crate) namespace: String,
}

impl Cluster<'_> {
    /// A container's environment.
    pub(crate) async fn environment(
        &self,
        of: &Container,
    ) -> Result<Vec<(String, String)>, kube::Error> {
        let mut all = Vec::new();
        for variable in of.env.iter().flatten() {
            all.push((variable.name.clone(), self.value(variable).await?));
        }
        Ok(all)
    }

    async fn value(&self, variable: &EnvVar) -> Result<String, kube::Error> {
        if let Some(value) = &variable.value {
            return Ok(value.clone());
        }
        let from = variable.value_from.as_ref();
        let from = from.and_then(|from| from.secret_key_ref.as_ref());
        let from = from.expect("a variable is from a Secret");
        let secrets = Api::<Secret>::namespaced(self.client.clone(), &self.namespace);
        let data = secrets.get(&from.name).await?.data.unwrap_or_default();
        let bytes = data.get(&from.key).expect("the Secret has the key");
        Ok(String::from_utf8(bytes.0.clone()).expect("text"))
    }

    /// Mounts a container's volumes.
    pub(crate) async fn mount(
        &self,
        pod: &Pod,
        of: &Container,
        root: &Root,
    ) -> Result<(), kube::Error> {
        let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.as_ref());
        for mount in of.volume_mounts.iter().flatten() {
            let volume = volumes
                .into_iter()
                .flatten()
                .find(|of| of.name == mount.name);
            let volume = volume.expect("a mount has its volume");
            if let Some(claim) = &volume.persistent_volume_claim {
                let folder = self.claimed(&claim.claim_name).await?;
                root.mount_folder(&mount.mount_path, &folder);
            } else if volume.empty_dir.is_some() {
                root.folder(&mount.mount_path);
            } else {
                self.mount_files(volume, mount, root).await?;
            }
        }
        Ok(())
    }

    async fn mount_files(
        &self,
        volume: &Volume,
        mount: &VolumeMount,
        root: &Root,
    ) -> Result<(), kube::Error> {
        let source = volume.config_map.as_ref().expect("a ConfigMap");
        let maps = Api::<ConfigMap>::namespaced(self.client.clone(), &self.namespace);
        let data = maps.get(&source.name).await?.data.unwrap_or_default();
        if let Some(key) = &mount.sub_path {
            root.mount_file(&mount.mount_path, data.get(key).expect("the key"));
            return Ok(());
        }
        for (name, text) in &data {
            root.mount_file(&format!("{}/{name}", mount.mount_path), text);
        }
        Ok(())
    }

    /// As the EFS CSI driver reads a volume's handle: the root of a file system, or an access point's.
    async fn claimed(&self, claim: &str) -> Result<PathBuf, kube::Error> {
        let claims = Api::<PersistentVolumeClaim>::namespaced(self.client.clone(), &self.namespace);
        let spec = claims.get(claim).await?.spec.expect("a spec");
        let volumes = Api::<PersistentVolume>::all(self.client.clone());
        let volume = volumes.get(&spec.volume_name.expect("a volume")).await?;
        let bound = volume.spec.as_ref().and_then(|of| of.claim_ref.as_ref());
        let bound = bound.and_then(|of| of.name.as_deref());
        assert_eq!(bound, Some(claim), "of volume {}", volume.name_any());
        let driven = volume.spec.and_then(|spec| spec.csi).expect("a driver");
        assert_eq!(driven.driver, "efs.csi.aws.com");
        Ok(match driven.volume_handle.split_once("::") {
            Some((_, access_point)) => self.contents.join("mounts").join(access_point),
            None => self.contents.join("files").join(driven.volume_handle),
        })
    }
}
