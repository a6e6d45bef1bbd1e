"""Service models, found by the signing name that a request carries."""
import functools
import logging

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel

LOG = logging.getLogger("emr_aws.models")
_LOADER = Loader()

# Signing names that differ from the folder of the model.
_FOLDERS = {
    "elasticfilesystem": "efs", "servicequotas": "service-quotas", "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi", "s3express": "s3", "email": "ses",
    "elasticloadbalancing": "elbv2", "states": "stepfunctions", "aps": "amp",
    "execute-api": "apigateway", "cognito-idp": "cognito-idp",
}


@functools.lru_cache(maxsize=None)
def model_for(signing_name):
    """The ServiceModel of a signing name, or None where AWS has no such service."""
    folder = _FOLDERS.get(signing_name, signing_name)
    try:
        return ServiceModel(_LOADER.load_service_model(folder, "service-2"), folder)
    except (UnknownServiceError, DataNotFoundError):
        LOG.info("no model for the signing name %s", signing_name)
        return None


def protocol_of(model):
    """query, ec2, json, rest-json, rest-xml or smithy-rpc-v2-cbor: the protocol errors are rendered in."""
    return model.metadata["protocol"] if model is not None else "json"
