# SPDX-License-Identifier: Apache-2.0
"""The kinds of the appservice-operator, one package for each version."""
