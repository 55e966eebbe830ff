// RUN: tt-opt %s -p ttir-partition,verify-partitioned | filecheck %s
// RUN: tt-opt %s -p ttir-partition,ttir-partition,verify-partitioned | filecheck %s

// Declarations stand in the order in which groups were formed; equal groups share a function.
// CHECK:      ttcore.device_module {
// CHECK-NEXT:   builtin.module {
// CHECK-NEXT:     func.func private @cpu_hoisted_ttir_neg_[[NEG:[0-9a-f]+]](tensor<4x4xf64>) -> tensor<4x4xf64> attributes {tt.function_type = "forward_cpu_declaration"}
// CHECK-NEXT:     func.func private @cpu_hoisted_group_[[GROUP:[0-9a-f]+]](tensor<4x4xf32>, tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
// CHECK-NEXT:     func.func private @cpu_hoisted_ttir_floor_[[FLOOR:[0-9a-f]+]](tensor<4x4xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:     func.func private @cpu_hoisted_aten_max_default_[[MAX:[0-9a-f]+]](tensor<4xi64>) -> tensor<i64>
// CHECK-NEXT:     func.func private @cpu_hoisted_higher_order_cond_[[COND:[0-9a-f]+]](tensor<i1>, tensor<4xf32>) -> tensor<4xf32>

// Connected host ops make a group; what the device runs in between makes phases. The literal stays on both sides.
func.func @phases(%x : tensor<4x4xf32>, %y : tensor<4x4xf64>) -> (tensor<4x4xf32>, tensor<4x4xf64>, tensor<4x4xf32>) {
  %zero = "ttir.full"() <{fill_value = 0.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.exp"(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %b = aten.call "aten.cumsum.default"(%a, 0 : i64) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %c = "ttir.where"(%b, %x, %zero) : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<1xf32>) -> tensor<4x4xf32>
  %p = "ttir.pow"(%b, %zero) : (tensor<4x4xf32>, tensor<1xf32>) -> tensor<4x4xf32>
  %q = aten.call "aten.fmod.Tensor"(%p, %x) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %d = "ttir.add"(%q, %zero) : (tensor<4x4xf32>, tensor<1xf32>) -> tensor<4x4xf32>
  %e = "ttir.floor"(%d) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %g = "ttir.neg"(%y) : (tensor<4x4xf64>) -> tensor<4x4xf64>
  func.return %e, %g, %c : tensor<4x4xf32>, tensor<4x4xf64>, tensor<4x4xf32>
}
// CHECK:          func.func @phases
// CHECK-NEXT:       %zero = "ttir.full"()
// CHECK-NEXT:       %a = "ttir.exp"(%x)
// CHECK-NEXT:       %b, %q = func.call @cpu_hoisted_group_[[GROUP]](%a, %x) {ttir.cpu_hoisted_call}
// CHECK-NEXT:       %d = "ttir.add"(%q, %zero)
// CHECK-NEXT:       %e = func.call @cpu_hoisted_ttir_floor_[[FLOOR]](%d) {ttir.cpu_hoisted_call}
// CHECK-NEXT:       %g = func.call @cpu_hoisted_ttir_neg_[[NEG]](%y)
// CHECK-NEXT:       %c = "ttir.where"(%b, %x, %zero)
// CHECK-NEXT:       func.return %e, %g, %c

func.func @shared(%other : tensor<4x4xf32>, %i : tensor<4xi64>) -> (tensor<4x4xf32>, tensor<i64>) {
  %name = "ttir.floor"(%other) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %max = aten.call "aten.max.default"(%i) {tilewright.declined = ["dtype = i64, not a float type"]} : (tensor<4xi64>) -> tensor<i64>
  func.return %name, %max : tensor<4x4xf32>, tensor<i64>
}
// CHECK:          func.func @shared
// CHECK-NEXT:       %name = func.call @cpu_hoisted_ttir_floor_[[FLOOR]](%other)
// CHECK-NEXT:       %max = func.call @cpu_hoisted_aten_max_default_[[MAX]](%i)

// The functions that a higher-order operator calls are on the host too, and those that these call.
func.func @higher(%p : tensor<i1>, %x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.call "higher_order.cond"(%p, @then, @otherwise, [%x]) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func private @then(%x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.call "higher_order.wrap"(@inner, %x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func private @inner(%x : tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
func.func private @otherwise(%x : tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}

// Every host op has its reasons; types stay torch's own.
// CHECK:      ttcore.cpu_module {
// CHECK:          func.func @cpu_hoisted_ttir_neg_[[NEG]](%{{.*}}: tensor<4x4xf64> {bufferization.access = "read"}) -> tensor<4x4xf64> attributes {tt.function_type = "forward_cpu", arg_ranks = [2 : i64]} {
// CHECK-NEXT:       %{{.*}} = "ttir.neg"(%{{.*}}) {tilewright.reasons = ["DTYPE: dtype(operand 0) = f64 (nearest accepted: f32, bf16, f16, i1 or integers to 32 bits)", "DTYPE: dtype(result 0) = f64 {{.*}}"]}
// CHECK:          func.func @cpu_hoisted_group_[[GROUP]]
// CHECK-NEXT:       %[[ZERO:.*]] = "ttir.full"() <{fill_value = 0.000000e+00 : f32
// CHECK-NEXT:       %[[SUM:.*]] = aten.call "aten.cumsum.default"(%{{.*}}, 0 : i64) {tilewright.reasons = ["NO_LOWERING: aten.cumsum.default has no tile-level kernel"]}
// CHECK-NEXT:       %[[POW:.*]] = "ttir.pow"(%[[SUM]], %[[ZERO]]) {tilewright.reasons = ["NO_LOWERING: ttir.pow has no tile-level kernel"]}
// CHECK-NEXT:       %[[MOD:.*]] = aten.call "aten.fmod.Tensor"(%[[POW]], %{{.*}})
// CHECK-NEXT:       func.return %[[SUM]], %[[MOD]]
// CHECK:          aten.call "aten.max.default"(%{{.*}}) {{.*}}tilewright.reasons = ["CONSTRAINT: aten.max.default: dtype = i64, not a float type"]
// CHECK:          func.func @cpu_hoisted_higher_order_cond_[[COND]]
// CHECK-DAG:      func.func private @then
// CHECK-DAG:      func.func private @inner
// CHECK-DAG:      func.func private @otherwise
