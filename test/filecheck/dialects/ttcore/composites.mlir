// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s | tt-opt | filecheck %s

// Devices, globals, composites, barriers and tuples, in tt-mlir's own syntax.

ttcore.device @default_device = <workerGrid = #ttcore.grid<8x8>, dramGrid = #ttcore.grid<1x12>, l1Map = (d0)[s0] -> (d0 * s0), dramMap = () -> (0), meshShape = , chipIds = [0]> {kept}
ttcore.device @named = #ttcore.device<workerGrid = #ttcore.grid<8x8>, dramGrid = #ttcore.grid<1x12>, l1Map = () -> (0), dramMap = () -> (0), meshShape = , chipIds = [0]>
ttcore.global @weights = tensor<4xf32> [1]
ttcore.global @other = tensor<2xf32> {kept}
func.func @f(%x: tensor<4xf32>, %y: tensor<2xf32>) {
  %g = ttcore.get_global @weights : tensor<4xf32>
  %t = ttcore.tuple %x, %y : tuple<tensor<4xf32>, tensor<2xf32>>
  %e = ttcore.get_tuple_element %t[1] : (tuple<tensor<4xf32>, tensor<2xf32>>) -> tensor<2xf32>
  %n = ttcore.tuple : tuple<>
  %b:2 = "ttcore.optimization_barrier"(%x, %y) : (tensor<4xf32>, tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>)
  %c = "ttcore.composite"(%x) <{composite_name = "negative", decomposition = @decomposition, composite_attributes = {axis = 1 : i32}}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}
func.func private @decomposition(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "ttir.neg"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
// CHECK:      ttcore.device @default_device = <workerGrid = #ttcore.grid<8x8>, dramGrid = #ttcore.grid<1x12>, l1Map = (d0)[s0] -> (d0 * s0), dramMap = () -> (0), meshShape = , chipIds = [0]> {kept}
// CHECK-NEXT: ttcore.device @named = <workerGrid = #ttcore.grid<8x8>, dramGrid = #ttcore.grid<1x12>, l1Map = () -> (0), dramMap = () -> (0), meshShape = , chipIds = [0]>
// CHECK-NEXT: ttcore.global @weights = tensor<4xf32> [1]
// CHECK-NEXT: ttcore.global @other = tensor<2xf32> {kept}
// CHECK:      %g = ttcore.get_global @weights : tensor<4xf32>
// CHECK-NEXT: %t = ttcore.tuple %x, %y : tuple<tensor<4xf32>, tensor<2xf32>>
// CHECK-NEXT: %e = ttcore.get_tuple_element %t[1] : (tuple<tensor<4xf32>, tensor<2xf32>>) -> tensor<2xf32>
// CHECK-NEXT: %n = ttcore.tuple : tuple<>
// CHECK-NEXT: %b, %{{.*}} = "ttcore.optimization_barrier"(%x, %y) : (tensor<4xf32>, tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>)
// CHECK-NEXT: %c = "ttcore.composite"(%x) <{composite_name = "negative", decomposition = @decomposition, composite_attributes = {axis = 1 : i32}}> : (tensor<4xf32>) -> tensor<4xf32>
