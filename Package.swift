// swift-tools-version: 6.2
import PackageDescription

/// `Tests/run` sets this; whoever builds with another compiler than ours should not be stopped by its new warnings.
let warningsAreErrors = Context.environment["WARNINGS_AS_ERRORS"] == "1"

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hashTree = Target.Dependency.product(name: "HashTreeCollections", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A target with the project's settings.
func target(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// A test target; it may use what it tests and the throw-away servers.
func tests(of name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: settings,
    )
}

/// The module map of a C library.
func library(_ name: String, pkgConfig: String? = nil, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

// Arrows point down only: a target names what it may import, and `Tests/run` builds with that enforced.
let package = Package(
    name: "activityd",
    products: [
        .executable(name: "activityd", targets: ["activityd"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The program: sub-commands, nothing else.
        .executableTarget(
            name: "activityd",
            dependencies: [
                "ActivityDaemon", "Endpoint", "Scheduling", "Systemd", argumentParser, logging, unixSignals,
            ],
            swiftSettings: settings,
        ),

        // Typed configuration, wiring, service order, health, observers.
        target(
            "ActivityDaemon",
            [
                "Activity", "ActivitySQL", "CMalloc", "Cron", "Detection", "Endpoint", "Pipeline", "PostgresClient",
                "RedisClient", "Scheduling", "Systemd",
                asyncAlgorithms, logging, nioCore, nioPosix, serviceLifecycle, unixSignals, yams,
            ],
        ),

        // Services: HTTP; feed, precompute, publishing; slots and runs.
        target(
            "Endpoint",
            ["Activity", "CZlib", crypto, nioCore, nioHTTP1, nioPosix],
            resources: [
                "dashboard.html", "dashboard.css", "state.js", "elements.js", "words.js", "server.js", "loading.js",
                "drawing.js", "status.js", "sign-in.js", "totals.js", "lists.js", "activity.js", "chart.js",
                "profile.js", "alerts.js", "stream.js", "export.js", "main.js",
            ].map { .embedInCode("Page/\($0)") },
        ),
        target(
            "Pipeline",
            ["Activity", "ActivitySQL", "Detection", "PostgresClient", "RedisClient", serviceLifecycle],
        ),

        target("Scheduling", ["ActivitySQL", "Cron", "PostgresClient", serviceLifecycle]),

        // Pure: no I/O, no clock, no logging.
        target("Activity", [heap]),
        target("Cron", []),
        target("Detection", ["Activity", hashTree]),

        // The SQL that is an algorithm, compiled into the program.
        .target(
            name: "ActivitySQL",
            path: "sql",
            exclude: ["sample"],
            resources: [
                .embedInCode("migrations/0001_roll_up.sql"),
                .embedInCode("migrations/0002_jobs.sql"),
                .embedInCode("migrations/0003_views.sql"),
                .embedInCode("migrations/0004_functions.sql"),
                .embedInCode("migrations/0005_drift.sql"),
                .embedInCode("migrations/0006_archive.sql"),
                .embedInCode("migrations/0007_alerts.sql"),
                .embedInCode("cron/0001_surface.sql"),
                .embedInCode("cron/0002_run_details.sql"),
                .embedInCode("feed/lock.sql"),
                .embedInCode("feed/holders.sql"),
                .embedInCode("feed/partitions.sql"),
                .embedInCode("feed/ingest.sql"),
                .embedInCode("detection/position.sql"),
                .embedInCode("detection/remember.sql"),
                .embedInCode("detection/volume.sql"),
                .embedInCode("detection/logins.sql"),
                .embedInCode("detection/entities.sql"),
                .embedInCode("alerts/record.sql"),
                .embedInCode("operations/runs.sql"),
                .embedInCode("operations/failing.sql"),
                .embedInCode("operations/feed_age.sql"),
                .embedInCode("operations/drift.sql"),
                .embedInCode("archive/batch.sql"),
                .embedInCode("archive/copy.sql"),
                .embedInCode("reconcile/bounds.sql"),
                .embedInCode("reconcile/hours.sql"),
                .embedInCode("reconcile/compare.sql"),
                .embedInCode("reconcile/find.sql"),
                .embedInCode("reconcile/repair.sql"),
                .embedInCode("maintenance/tables.sql"),
                .embedInCode("maintenance/indexes.sql"),
                .embedInCode("roles/daemon.sql"),
                .embedInCode("roles/reader.sql"),
            ],
            swiftSettings: settings,
        ),

        // Safe async wrappers; no C type escapes.
        target("PostgresClient", ["CLibPQ"]),
        target("RedisClient", ["CHiredis", nioCore, nioPosix, nioSSL]),
        target("Systemd", ["CSystemd"]),

        // Module maps and shims.
        library("CLibPQ", pkgConfig: "libpq", package: "libpq-dev"),
        // Debian's hiredis.pc has a flag that SwiftPM refuses.
        library("CHiredis", package: "libhiredis-dev"),
        library("CSystemd", pkgConfig: "libsystemd", package: "libsystemd-dev"),
        library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
        .systemLibrary(name: "CMalloc"),

        // Throw-away servers, and the tests, which mirror the sources.
        .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),
        .target(name: "TestServers", dependencies: ["CSpawn"], path: "Tests/TestServers", swiftSettings: settings),
        tests(of: "Activity", []),
        tests(
            of: "ActivityDaemon",
            [
                "Activity", "Cron", "Detection", "Endpoint", "Pipeline", "PostgresClient", "RedisClient", "Scheduling",
                "Systemd", "TestServers",
                logging, nioCore, nioPosix,
            ],
        ),
        tests(of: "Cron", []),
        tests(of: "Detection", ["Activity"]),
        tests(
            of: "Endpoint",
            ["Activity", "TestServers", crypto, nioCore, nioEmbedded, nioHTTP1, nioPosix],
        ),
        tests(
            of: "Pipeline",
            ["Activity", "ActivitySQL", "Detection", "PostgresClient", "RedisClient", "TestServers", nioPosix],
        ),
        tests(of: "PostgresClient", ["TestServers"]),
        tests(of: "RedisClient", ["TestServers", nioCore, nioEmbedded, nioPosix]),
        tests(
            of: "Scheduling",
            ["ActivitySQL", "Cron", "Pipeline", "PostgresClient", "TestServers", logging, serviceLifecycle],
        ),
        tests(of: "Systemd", []),
    ],
)
