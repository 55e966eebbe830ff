// RUN: tt-opt %s -p verify-partitioned | filecheck %s

// Device and host modules; every host op but literals has its reasons.
ttcore.device_module {
  builtin.module {
    func.func private @host(tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "forward_cpu_declaration"}
    func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> {
      %0 = "ttir.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
      %1 = func.call @host(%0) : (tensor<4xf32>) -> tensor<4xf32>
      func.return %1 : tensor<4xf32>
    }
  }
}
ttcore.cpu_module {
  builtin.module {
    func.func @host(%x : tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "forward_cpu"} {
      %0 = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
      %1 = "ttir.pow"(%x, %0) {tilewright.reasons = ["NO_LOWERING: ttir.pow has no tile-level kernel"]} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      func.return %1 : tensor<4xf32>
    }
  }
}
// CHECK:     ttcore.device_module
// CHECK:     ttcore.cpu_module
// CHECK:       %1 = "ttir.pow"(%x, %0) {tilewright.reasons
