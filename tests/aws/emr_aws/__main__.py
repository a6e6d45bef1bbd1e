"""python -m emr_aws --host 127.0.0.1 --port PORT --state-dir DIR"""
import argparse
import logging
import os
import tempfile

from .server import run


def main():
    parser = argparse.ArgumentParser(prog="emr_aws", description="A stand-in for AWS on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, see server.json in the state folder")
    parser.add_argument("--state-dir", default=None)
    arguments = parser.parse_args()
    logging.basicConfig(level=os.environ.get("EMR_AWS_LOG", "WARNING"),
                        format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(arguments.host, arguments.port, arguments.state_dir or tempfile.mkdtemp(prefix="emr-aws-"))


main()
