# SPDX-License-Identifier: Apache-2.0
"""The kinds of the myapp-operator, one package for each version."""
