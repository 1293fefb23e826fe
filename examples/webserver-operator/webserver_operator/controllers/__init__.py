# SPDX-License-Identifier: Apache-2.0
"""The controllers of the webserver-operator, one module for each kind."""
