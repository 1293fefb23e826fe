# SPDX-License-Identifier: Apache-2.0
"""The controllers of the myapp-operator, one module for each kind."""
