"""Clean readings into hourly series: quarantine faults, fill gaps with a code, reconcile energy with totals."""
