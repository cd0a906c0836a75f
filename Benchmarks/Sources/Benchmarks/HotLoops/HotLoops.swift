import Benchmark

/// The single loops of the engine, each measured thousands of times in one process; beside some
/// stands the same loop in C.
///
/// What each call gives is compared with what it must give, in every sample; a difference fails
/// the run. The library has a plugin that writes this type; its tool would be built for every other
/// product of the package as well.
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
