"""What a collection asks for: days and hours ahead, changed files, issues of forecasts."""
