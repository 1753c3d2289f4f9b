"""Did transfer help, and should it be kept? Two questions for two kinds of data.

Over test parts of many splits one can say whether transfer helps a task, hurts it, or neither
(:func:`diagnose_transfer`). That describes a method. For one network at hand the choice has to
be made on validation data, without the test part (:func:`accept_transfer`).
"""

from geneml.transfer.decision import TransferDecision, accept_transfer
from geneml.transfer.diagnosis import TransferDiagnosis, diagnose_transfer

__all__ = ["TransferDecision", "TransferDiagnosis", "accept_transfer", "diagnose_transfer"]
