// RUN: tt-opt %s -p ttir-cache-to-values | filecheck %s

// The cache becomes a value: its last one is one more result, tied to the argument.
func.func @update(%c: tensor<2x1x4x8xf32>, %x: tensor<1x1x2x8xf32>, %i: tensor<1xi64>) -> tensor<2x1x4x8xf32> {
  "ttir.update_cache"(%c, %x, %i) <{batch_offset = 0 : i32}> : (tensor<2x1x4x8xf32>, tensor<1x1x2x8xf32>, tensor<1xi64>) -> ()
  func.return %c : tensor<2x1x4x8xf32>
}
// CHECK-LABEL: func.func @update(%c: tensor<2x1x4x8xf32>, %x: tensor<1x1x2x8xf32>, %i: tensor<1xi64>) -> (tensor<2x1x4x8xf32>, tensor<2x1x4x8xf32> {tilewright.tied = 0 : i64}) {
// CHECK-NEXT:    %[[NEW:.*]] = "ttir.permute"(%x) <{permutation = array<i64: 2, 1, 0, 3>}>
// CHECK-NEXT:    %[[CAST:.*]] = "ttir.typecast"(%i)
// CHECK-NEXT:    %[[POSITION:.*]] = "ttir.reshape"(%[[CAST]])
// CHECK-NEXT:    %[[ROW:.*]] = "ttir.arange"() <{arange_dimension = 2 : i64, end = 4 : si64, start = 0 : si64, step = 1 : si64}> : () -> tensor<1x1x4x1xi32>
// CHECK-NEXT:    %[[HIT:.*]] = "ttir.eq"(%[[ROW]], %[[POSITION]])
// CHECK-NEXT:    %[[AFTER:.*]] = "ttir.where"(%[[HIT]], %[[NEW]], %c) : {{.*}} -> tensor<2x1x4x8xf32>
// CHECK-NEXT:    func.return %[[AFTER]], %[[AFTER]]

// Only the part that is filled changes.
func.func @fill(%c: tensor<3x1x4x8xf32>, %x: tensor<1x1x2x8xf32>) {
  "ttir.fill_cache"(%c, %x) <{batch_offset = 1 : i32}> : (tensor<3x1x4x8xf32>, tensor<1x1x2x8xf32>) -> ()
  func.return
}
// CHECK-LABEL: func.func @fill
// CHECK-SAME:    -> (tensor<3x1x4x8xf32> {tilewright.tied = 0 : i64}) {
// CHECK-NEXT:    %[[BATCH:.*]] = "ttir.slice_static"(%c) <{begins = [1 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [2 : i32,
// CHECK-NEXT:    %[[KEPT:.*]] = "ttir.slice_static"(%[[BATCH]]) <{begins = [0 : i32, 0 : i32, 2 : i32, 0 : i32]
// CHECK-NEXT:    %[[FILLED:.*]] = "ttir.concat"(%x, %[[KEPT]]) <{dim = 2 : si32}>
// CHECK-NEXT:    %[[BEFORE:.*]] = "ttir.slice_static"(%c) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32,
// CHECK-NEXT:    %[[LAST:.*]] = "ttir.slice_static"(%c) <{begins = [2 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [3 : i32,
// CHECK-NEXT:    %[[AFTER:.*]] = "ttir.concat"(%[[BEFORE]], %[[FILLED]], %[[LAST]]) <{dim = 0 : si32}>
// CHECK-NEXT:    func.return %[[AFTER]] : tensor<3x1x4x8xf32>

// A use before the write keeps the old value, and a call gives the new one.
func.func private @write(%c: tensor<1x1x4x8xf32>, %x: tensor<1x1x4x8xf32>) {
  "ttir.fill_cache"(%c, %x) <{batch_offset = 0 : i32}> : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> ()
  func.return
}
func.func @call(%c: tensor<1x1x4x8xf32>, %x: tensor<1x1x4x8xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) {
  %a = "ttir.neg"(%c) : (tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  func.call @write(%c, %x) : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> ()
  %b = "ttir.neg"(%c) : (tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  func.return %a, %b : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
}
// CHECK-LABEL: func.func private @write
// CHECK-NEXT:    func.return %x : tensor<1x1x4x8xf32>
// CHECK-LABEL: func.func @call
// CHECK-NEXT:    %a = "ttir.neg"(%c)
// CHECK-NEXT:    %[[AFTER:.*]] = func.call @write(%c, %x) : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
// CHECK-NEXT:    %b = "ttir.neg"(%[[AFTER]])
// CHECK-NEXT:    func.return %a, %b, %[[AFTER]]

// Users find their rows through a table of pages.
func.func @paged(%c: tensor<3x1x32x8xf32>, %x: tensor<1x2x1x8xf32>, %i: tensor<2xi32>, %t: tensor<2x4xi32>) {
  "ttir.paged_update_cache"(%c, %x, %i, %t) : (tensor<3x1x32x8xf32>, tensor<1x2x1x8xf32>, tensor<2xi32>, tensor<2x4xi32>) -> ()
  func.return
}
// CHECK-LABEL: func.func @paged
// CHECK:         %[[ROWS:.*]] = "ttir.embedding"(%{{.*}}, %{{.*}}) : (tensor<96xi32>, tensor<2x8xf32>) -> tensor<96x8xf32>
// CHECK:         "ttir.where"(%{{.*}}, %[[ROWS]], %{{.*}}) : (tensor<96x1xi1>, tensor<96x8xf32>, tensor<96x8xf32>) -> tensor<96x8xf32>
// CHECK-NOT:     paged_update_cache
