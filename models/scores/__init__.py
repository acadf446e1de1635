"""Days to pay and probability of late payment: training, cards, reasons, registry."""
