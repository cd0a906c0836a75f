/// The engines that take part in every row, beside the C baselines.
let subjects: [any BenchmarkSubject] = [CairnSubject()]
