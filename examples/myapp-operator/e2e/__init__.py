# SPDX-License-Identifier: Apache-2.0
"""Tests of the operator's image in a cluster."""
