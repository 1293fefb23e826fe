# SPDX-License-Identifier: Apache-2.0
"""The myapp-operator.

Kinds are declared in `api`, controllers in `controllers`; both are found by themselves.
"""
