// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC

builtin.module attributes {ttcore.meshes = #ttcore.meshes<[<"mesh" = 1x1>]>} {
  ttcore.device_module attributes {kept} {
    builtin.module {
      func.func @forward(%w : tensor<4xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> tensor<4xf32> {
        %a = ttcore.load_cached(@const_eval, [%w]) {kept} : (tensor<4xf32>) -> tensor<4xf32>
        %b:2 = ttcore.load_cached(@constants, []) : () -> (tensor<i32>, tensor<2xbf16>)
        func.return %a : tensor<4xf32>
      }
      func.func private @const_eval(tensor<4xf32>) -> tensor<4xf32>
      func.func private @constants() -> (tensor<i32>, tensor<2xbf16>)
    }
  }
  ttcore.cpu_module {
    builtin.module {
    }
  }
}
// CHECK:      builtin.module attributes {ttcore.meshes = #ttcore.meshes<[<"mesh" = 1x1>]>} {
// CHECK-NEXT:   ttcore.device_module attributes {kept} {
// CHECK-NEXT:     builtin.module {
// CHECK-NEXT:       func.func @forward(%w: tensor<4xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> tensor<4xf32> {
// CHECK-NEXT:         %a = ttcore.load_cached(@const_eval, [%w]) {kept} : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:         %b, %{{.*}} = ttcore.load_cached(@constants, []) : () -> (tensor<i32>, tensor<2xbf16>)
// CHECK:        ttcore.cpu_module {
// CHECK-NEXT:     builtin.module {
// CHECK-NEXT:     }
// CHECK-NEXT:   }

// GENERIC:      "ttcore.device_module"() ({
// GENERIC:        %a = "ttcore.load_cached"(%w) <{callee = @const_eval}> {kept} : (tensor<4xf32>) -> tensor<4xf32>
// GENERIC:      }) {kept} : () -> ()
// GENERIC-NEXT: "ttcore.cpu_module"() ({
