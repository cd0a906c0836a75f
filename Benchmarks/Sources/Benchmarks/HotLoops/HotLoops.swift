import Benchmark

/// The single loops of the engine, each measured thousands of times in a process of its own; beside
/// some stands the same loop in C.
///
/// What each call gives is compared with what it must give, in every sample; a difference fails
/// the run. Written by hand: the library's plugin that writes such a type would have its tool built
/// for every other product of the package as well.
@main
struct HotLoops: BenchmarkRunnerHooks {
    static func registerBenchmarks() {
        FrameLoops.register()
        FoldLoops.register()
        PipelineLoops.register()
        ReadLoops.register()
        AppendLoops.register()
        PropertyLoops.register()
    }
}
