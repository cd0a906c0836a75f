// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let edge: [SwiftSetting] = strict + [.strictMemorySafety()]

let package = Package(
    name: "cairn",
    products: [
        .library(name: "Cairn", targets: ["Cairn"]),
        .library(name: "CairnCommands", targets: ["CairnCommands"]),
        .library(name: "CairnTesting", targets: ["CairnTesting"]),
        .library(name: "CairnTestingSupport", targets: ["CairnTestingSupport"]),
        .executable(name: "cairn", targets: ["CairnTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(
            url: "https://github.com/swiftlang/swift-subprocess",
            from: "1.0.2",
            traits: []
        ),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .target(name: "CChecksum"),
        .target(name: "CIsolation"),
        .systemLibrary(
            name: "CCrypto",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),
        .systemLibrary(
            name: "CLMDB",
            pkgConfig: "lmdb",
            providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(
            name: "CExpat",
            pkgConfig: "expat",
            providers: [.apt(["libexpat1-dev"]), .brew(["expat"])]
        ),
        .target(
            name: "CairnCore",
            dependencies: ["CChecksum", "CCrypto"],
            swiftSettings: strict
        ),
        .target(name: "CairnDomains", dependencies: ["CairnCore"], swiftSettings: strict),
        .target(name: "CairnJournal", dependencies: ["CairnCore"], swiftSettings: strict),
        .target(
            name: "CairnLMDB",
            dependencies: ["CairnCore", "CairnJournal", "CLMDB"],
            swiftSettings: edge
        ),
        .target(
            name: "CairnEngine",
            dependencies: ["CairnCore", "CairnJournal"],
            swiftSettings: strict
        ),
        .target(
            name: "CairnIncident",
            dependencies: ["CairnCore", "CairnDomains", "CairnJournal"],
            swiftSettings: strict
        ),
        .target(
            name: "CairnServices",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnEngine", "CairnIncident", "CairnJournal",
                "CExpat", "CZlib",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "CairnTesting",
            dependencies: [
                "CIsolation", "CairnCore", "CairnEngine", "CairnJournal",
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ],
            swiftSettings: strict
        ),
        // Needs a toolchain with Swift Testing; nothing else of the package does.
        .target(
            name: "CairnTestingSupport",
            dependencies: ["CairnCore", "CairnTesting"],
            swiftSettings: strict
        ),
        .target(
            name: "Cairn",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnEngine", "CairnIncident", "CairnJournal",
                "CairnLMDB", "CairnServices",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "CairnCommands",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnEngine", "CairnIncident", "CairnJournal",
                "CairnLMDB", "CairnServices", "CairnTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "CairnTool",
            dependencies: ["CairnCommands"],
            swiftSettings: strict
        ),
        // Started and killed by the crash tests.
        .executableTarget(
            name: "CairnCrashChild",
            dependencies: ["CairnCore", "CairnJournal", "CairnLMDB"],
            path: "Tests/CairnCrashChild",
            swiftSettings: strict
        ),
        // Records and disturbs the file calls of the program that it is linked with.
        .target(name: "CWriteRecorder", path: "Tests/CWriteRecorder"),
        // Engines with one bug each, for what is said of the harness that has to find them.
        .target(
            name: "CairnGallery",
            dependencies: ["CairnCore", "CairnTesting"],
            path: "Tests/CairnGallery",
            swiftSettings: strict
        ),
        // Prints how long that takes.
        .executableTarget(
            name: "CairnDetection",
            dependencies: ["CairnGallery", "CairnTesting"],
            path: "Tests/CairnDetection",
            swiftSettings: strict
        ),
        // Started by the tests that prove what is said of the storage.
        .executableTarget(
            name: "CairnProofChild",
            dependencies: [
                "CWriteRecorder", "CairnCore", "CairnJournal", "CairnLMDB", "CairnTesting",
            ],
            path: "Tests/CairnProofChild",
            swiftSettings: strict
        ),
        // Started and killed by the tests that send to a provider.
        .executableTarget(
            name: "CairnProviderChild",
            dependencies: ["CairnTesting"],
            path: "Tests/CairnProviderChild",
            swiftSettings: strict
        ),
        // Runs jobs, and is killed by the job tests.
        .executableTarget(
            name: "CairnJobChild",
            dependencies: ["Cairn", "CairnTesting"],
            path: "Tests/CairnJobChild",
            swiftSettings: strict
        ),
        .target(
            name: "CairnTestSupport",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnEngine", "CairnJournal",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/CairnTestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnCommandsTests",
            dependencies: [
                "Cairn", "CairnCommands", "CairnTestSupport", "CairnTesting", "CairnTool",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnCoreTests",
            dependencies: ["CChecksum", "CairnCore", "CairnTesting"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnCrashTests",
            dependencies: [
                "CairnCore", "CairnCrashChild", "CairnJournal", "CairnLMDB", "CairnTestSupport",
                "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnDomainsTests",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnEngine", "CairnJournal", "CairnServices",
                "CairnTestSupport", "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnEngineTests",
            dependencies: [
                "CairnCore", "CairnEngine", "CairnJournal", "CairnLMDB", "CairnTestSupport",
                "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnIncidentTests",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnIncident", "CairnJournal", "CairnLMDB",
                "CairnServices", "CairnTestSupport", "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnInspectionTests",
            dependencies: [
                "CairnCore", "CairnJournal", "CairnLMDB", "CairnTestSupport", "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnJobTests",
            dependencies: [
                "Cairn", "CairnJobChild", "CairnProviderChild", "CairnTestSupport", "CairnTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnJournalTests",
            dependencies: [
                "CairnCore", "CairnJournal", "CairnLMDB", "CairnTestSupport", "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnPeerTests",
            dependencies: [
                "CairnCore", "CairnDomains", "CairnIncident", "CairnJournal", "CairnLMDB",
                "CairnServices", "CairnTestSupport", "CairnTesting",
            ],
            swiftSettings: strict
        ),
        // Starts CairnProofChild, which is built with all targets. As a dependency it would be
        // linked with the tests, and the recorder with it.
        .testTarget(
            name: "CairnProofTests",
            dependencies: ["CairnTestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnProviderTests",
            dependencies: [
                "CairnProviderChild", "CairnTestSupport", "CairnTesting",
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnServicesTests",
            dependencies: [
                "Cairn", "CairnCore", "CairnDomains", "CairnJournal", "CairnServices",
                "CairnTestSupport", "CairnTesting", "CZlib",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnTestingSupportTests",
            dependencies: [
                "Cairn", "CairnTestSupport", "CairnTesting", "CairnTestingSupport",
            ],
            exclude: ["Tutorial/Corpus"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CairnTestingTests",
            dependencies: [
                "Cairn", "CairnCore", "CairnEngine", "CairnGallery", "CairnJournal",
                "CairnTestSupport", "CairnTesting",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
