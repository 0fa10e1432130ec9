# Held-out predictions of an R forest, fold by fold.
# Rscript _ranger.R ROWS.csv ANSWER.csv ENGINE MTRY TREES SEED CLASSES
# ROWS.csv: y, fold, predictors. The same seed in each fold, as the oracle was made.

words <- commandArgs(trailingOnly = TRUE)
engine <- words[3]
mtry <- as.integer(words[4])
trees <- as.integer(words[5])
seed <- as.integer(words[6])
classes <- if (length(words) > 6) strsplit(words[7], ",")[[1]] else character()

table <- read.csv(words[1], check.names = FALSE)
x <- table[, !(names(table) %in% c("y", "fold")), drop = FALSE]
for (name in classes) x[[name]] <- factor(x[[name]])
held_out <- numeric(nrow(x))

for (fold in unique(table$fold)) {
  test <- table$fold == fold
  if (engine == "ranger") {
    forest <- ranger::ranger(
      x = x[!test, , drop = FALSE], y = table$y[!test], num.trees = trees, mtry = mtry,
      min.node.size = 5, seed = seed, num.threads = 1, verbose = FALSE
    )
    held_out[test] <- predict(forest, x[test, , drop = FALSE], num.threads = 1)$predictions
  } else {
    set.seed(seed)
    forest <- randomForest::randomForest(
      x = x[!test, , drop = FALSE], y = table$y[!test], ntree = trees, mtry = mtry, nodesize = 5
    )
    held_out[test] <- predict(forest, x[test, , drop = FALSE])
  }
}
write.csv(data.frame(held_out = held_out), words[2], row.names = FALSE)
