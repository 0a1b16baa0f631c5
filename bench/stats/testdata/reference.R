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

# Two-sided p, Hodges-Lehmann estimate, interval and its level, of log ratios
# without ties or zeros.
exact <- function(name, d) {
  n <- length(d)
  test <- wilcox.test(d, exact = TRUE, conf.int = TRUE)
  level <- 1 - 2 * psignrank(qsignrank(0.025, n) - 1, n)
  put(name, c(exp(test$estimate), exp(test$conf.int), level, test$p.value))
}
for (n in c(6, 10, 12, 30, 49)) exact(sprintf("paired %d", n), log(rounds$thread / rounds$process)[1:n])

# The example of ?wilcox.test: Hollander & Wolfe (1973), 29f, Hamilton depression
# scale factor measurements before and after, the ratios being exp(x) / exp(y).
before <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)
after <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
exact("paired depression", before - after)

# From 50 values on, the normal approximation. wilcox.test finds its interval as
# a root then; this is Hollander & Wolfe's, of the sorted Walsh averages, with the
# continuity correction that the test has.
walsh <- function(d) { m <- outer(d, d, "+") / 2; sort(m[lower.tri(m, diag = TRUE)]) }
d <- log(rounds$thread / rounds$process)
n <- length(d)
mu <- n * (n + 1) / 4
sigma <- sqrt(n * (n + 1) * (2 * n + 1) / 24)
k <- floor(mu + qnorm(0.025) * sigma + 0.5)
w <- walsh(d)
put("paired 60", c(exp(median(w)), exp(w[c(k, length(w) + 1 - k)]),
  1 - 2 * pnorm((k - 0.5 - mu) / sigma), wilcox.test(d, exact = FALSE, correct = TRUE)$p.value))

# Ties and zeros: the makespans in steps of 1 ms and of 0.1 ms. Of up to 49 values
# that are not zero, each of the 2^n ways to have signs is counted; beyond,
# wilcox.test, which leaves the zeros out and corrects for ties. Rounded, so that
# 7/8 and 8/7 tie.
tied <- function(step) round(log(round(rounds$thread / step) / round(rounds$process / step)), 12)
coarse <- tied(1e6)[1:12]
few <- coarse[coarse != 0]
ranks <- rank(abs(few))
sums <- as.matrix(expand.grid(rep(list(c(0, 1)), length(few)))) %*% ranks
plus <- sum(ranks[few > 0])
put("tied 12", c(exp(median(walsh(coarse))), min(1, 2 * min(mean(sums <= plus), mean(sums >= plus)))))
fine <- tied(1e5)
put("tied 60", c(exp(median(walsh(fine))), wilcox.test(fine, exact = FALSE, correct = TRUE)$p.value))
put("tied zeros", c(sum(coarse == 0), sum(fine == 0)))
put("tied values", c(length(unique(abs(few))), length(unique(abs(fine[fine != 0])))))

# The level of the interval of n values.
for (n in 6:49) put(sprintf("level %d", n), 1 - 2 * psignrank(qsignrank(0.025, n) - 1, n))

# The same rounds as if the pools had been measured apart. Two-sided p,
# Hodges-Lehmann estimate, interval and its level, of samples without ties.
for (size in list(c(4, 4), c(3, 5), c(6, 6), c(10, 12), c(12, 12), c(7, 30), c(49, 49))) {
  n <- size[1]
  m <- size[2]
  test <- wilcox.test(log(rounds$thread[1:n]), log(rounds$process[1:m]), exact = TRUE, conf.int = TRUE)
  level <- 1 - 2 * pwilcox(max(qwilcox(0.025, n, m), 1) - 1, n, m)
  put(sprintf("unpaired %d %d", n, m), c(exp(test$estimate), exp(test$conf.int), level, test$p.value))
}

# From 50 x 50 on, the normal approximation, as above.
differences <- function(x, y) sort(outer(x, y, "-"))
n <- nrow(rounds)
d <- differences(log(rounds$thread), log(rounds$process))
mu <- n * n / 2
sigma <- sqrt(n * n * (n + n + 1) / 12)
k <- floor(mu + qnorm(0.025) * sigma + 0.5)
put("unpaired 60 60", c(exp(median(d)), exp(d[c(k, length(d) + 1 - k)]), 1 - 2 * pnorm((k - 0.5 - mu) / sigma),
  wilcox.test(log(rounds$thread), log(rounds$process), exact = FALSE, correct = TRUE)$p.value))

# Ties, in steps of 1 ms and of 0.1 ms. Of 5 and 7 values, each of the ways to choose
# 5 of 12 is counted; beyond, wilcox.test, which corrects for ties.
unpairedTied <- function(n, m, step, exact) {
  x <- round(rounds$thread[1:n] / step)
  y <- round(rounds$process[1:m] / step)
  ranks <- rank(c(x, y))
  p <- if (exact) {
    sums <- colSums(combn(n + m, n, function(chosen) ranks[chosen]))
    min(1, 2 * min(mean(sums <= sum(ranks[1:n])), mean(sums >= sum(ranks[1:n]))))
  } else wilcox.test(log(x), log(y), exact = FALSE, correct = TRUE)$p.value
  put(sprintf("unpaired tied %d %d", n, m), c(exp(median(differences(log(x), log(y)))), p, n + m - length(unique(c(x, y)))))
}
unpairedTied(5, 7, 1e6, TRUE)
unpairedTied(30, 25, 1e6, FALSE)
unpairedTied(60, 60, 1e5, FALSE)

p <- c(0.0004, 0.9, 0.011, 0.0004, 0.03, 0.2, 0.017, 0.049, 1, 0.0011, 0.5, 0.031)
put("holm raw", p)
put("holm adjusted", p.adjust(p, "holm"))
