// RUN: tt-opt %s -p ttir-partition,verify-partitioned | filecheck %s
// RUN: tt-opt %s -p tilewright,verify-placed | filecheck %s --check-prefix=PLACED

// What the file has on the host stays there; what else must go there joins it, before and after the call of it.
// CHECK:      func.func @f(%x: tensor<32x32xf32>) -> tensor<32x32xf32> {
// CHECK-NEXT:   %0 = func.call @cpu_hoisted_ttir_floor_[[FLOOR:[0-9a-f]+]](%x)
// CHECK-NEXT:   %1 = func.call @given(%0, %x)
// CHECK-NEXT:   %2 = func.call @cpu_hoisted_ttir_floor_[[FLOOR]](%1)
// CHECK-NEXT:   %3 = "ttir.add"(%0, %2)
// CHECK-NEXT:   func.return %3
// CHECK:      func.func private @given(tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
// CHECK:      ttcore.cpu_module {
// CHECK:          func.func @given
// CHECK-NEXT:       "ttir.pow"({{.*}}) {tilewright.reasons = ["USER: it stands in a cpu module"]}
// CHECK-NEXT:       func.return %{{.*}} : tensor
// CHECK:          func.func @cpu_hoisted_ttir_floor_[[FLOOR]]
// PLACED:     tile.program @f
// PLACED:       func.call @given
module {
  ttcore.device_module {
    builtin.module {
      func.func @f(%x : tensor<32x32xf32>) -> tensor<32x32xf32> {
        %0 = "ttir.floor"(%x) : (tensor<32x32xf32>) -> tensor<32x32xf32>
        %1 = call @given(%0, %x) {ttir.cpu_hoisted_call} : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
        %2 = "ttir.floor"(%1) : (tensor<32x32xf32>) -> tensor<32x32xf32>
        %3 = "ttir.add"(%0, %2) : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
        return %3 : tensor<32x32xf32>
      }
      func.func private @given(tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
        attributes {tt.function_type = "forward_cpu_declaration"}
    }
  }
  ttcore.cpu_module {
    builtin.module {
      func.func @given(%a : tensor<32x32xf32>, %b : tensor<32x32xf32>) -> tensor<32x32xf32>
        attributes {tt.function_type = "forward_cpu"} {
        %0 = "ttir.pow"(%a, %b) : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
        return %0 : tensor<32x32xf32>
      }
    }
  }
}
