# What R computes of the recorded data, as reference.csv. In this folder:
#
#   Rscript reference.R > reference.csv
#
# reference.csv is of R 4.2.2 (Debian 4.2.2.20221110-2), base and stats packages.
#
# rounds.csv: makespans in ns of 60 rounds, 5 clients that upload 1 MiB each, 5
# workers, the two pools one after the other in each round, the first of them
# changing from round to round. latencies.csv: the 300 latencies in ns of the
# thread pool's rounds.

put <- function(name, values) {
  for (i in seq_along(values)) cat(sprintf("%s,%d,%.17g\n", name, i, values[i]))
}
cat("name,place,value\n")

rounds <- read.csv("rounds.csv")
latencies <- read.csv("latencies.csv")$thread

# The median's bounds: the largest r with P(Bin(n, 1/2) < r) <= 0.025, and its mirror.
for (n in c(6, 10, 30, 58)) {
  x <- rounds$thread[1:n]
  r <- qbinom(0.025, n, 0.5)
  put(sprintf("center %d", n), c(median(x), sort(x)[c(r, n + 1 - r)]))
  put(sprintf("spread %d", n), c(mean(x), sd(x)))
  put(sprintf("fairness %d", n), sum(x)^2 / (n * sum(x^2)))
}
for (n in c(5, 8, 11, 30, 60)) {
  x <- rounds$thread[1:n]
  put(sprintf("outliers %d", n), which(x %in% boxplot.stats(x)$out) - 1) # places from 0
}
put("outliers latencies", which(latencies %in% boxplot.stats(latencies)$out) - 1)
put("quantiles latencies", quantile(latencies, c(0.05, 0.5, 0.9, 0.95, 0.99), type = 1))
