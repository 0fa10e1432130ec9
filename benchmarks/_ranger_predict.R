# CPU seconds that ranger takes to predict rows, the middle of three times.
# Rscript _ranger_predict.R TRAIN.csv ROWS.csv TREES MTRY THREADS

words <- commandArgs(trailingOnly = TRUE)
train <- read.csv(words[1])
rows <- read.csv(words[2])
threads <- as.integer(words[5])
forest <- ranger::ranger(
  x = train[names(train) != "y"], y = train$y, num.trees = as.integer(words[3]),
  mtry = as.integer(words[4]), min.node.size = 5, seed = 448, num.threads = 2, verbose = FALSE
)
spent <- replicate(3, {
  taken <- system.time(predict(forest, rows, num.threads = threads, verbose = FALSE))
  sum(taken[c("user.self", "sys.self")])
})
cat(median(spent), "\n")
