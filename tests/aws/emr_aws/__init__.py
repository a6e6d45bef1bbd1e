"""A stand-in for AWS on loopback: ministack, made strict where AWS is strict, slow where AWS is slow."""
