# SPDX-License-Identifier: Apache-2.0
"""The webserver-operator.

Kinds are declared in `api`, controllers in `controllers`; both are found by themselves.
"""
